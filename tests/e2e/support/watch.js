// Everything that pages complain of. Whatever a test did not announce makes it fail.

/** Starts to listen to all pages of a context. */
export async function watch(context) {
  const complaints = [];
  const said = [];
  const navigations = [];
  context.on('console', (message) => {
    said.push(message.text());
    if (message.type() === 'error') complaints.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => complaints.push(`page: ${error.error().stack ?? error.error()}`));
  context.on('page', (page) => page.on('crash', () => complaints.push(`crash: ${page.url()}`)));
  context.on('request', (request) => {
    if (request.isNavigationRequest()) navigations.push(request.url());
  });
  await context.exposeBinding('reportViolation', (_source, violation) => { complaints.push(`policy: ${violation}`); });
  await context.addInitScript(() => {
    window.addEventListener('securitypolicyviolation', (event) => {
      window.reportViolation(`${event.violatedDirective} ${event.blockedURI} at ${event.documentURI}`);
    });
  });
  return {
    /** All that was written to the console. */
    said,
    /** The addresses of all pages that were asked for, redirects included. */
    navigations,
    /** The complaints that none of these patterns announces. */
    unexpected: (announced) => complaints.filter((complaint) => !announced.some((pattern) => pattern.test(complaint))),
  };
}
