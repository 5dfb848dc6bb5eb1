// Records the errors of pages. An error that a test did not announce fails it.

/** Starts to listen to all pages of a context. */
export async function watch(context) {
  const pageErrors = [];
  const said = [];
  const navigations = [];
  context.on('console', (message) => {
    said.push(message.text());
    if (message.type() === 'error') pageErrors.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on('weberror', (error) => pageErrors.push(`page: ${error.error().stack ?? error.error()}`));
  context.on('page', (page) => page.on('crash', () => pageErrors.push(`crash: ${page.url()}`)));
  context.on('request', (request) => {
    if (request.isNavigationRequest()) navigations.push(request.url());
  });
  await context.exposeBinding('reportViolation', (_source, violation) => { pageErrors.push(`policy: ${violation}`); });
  await context.addInitScript(() => {
    window.addEventListener('securitypolicyviolation', (event) => {
      window.reportViolation(`${event.violatedDirective} ${event.blockedURI} at ${event.documentURI}`);
    });
  });
  return {
    /** Everything that was written to the console. */
    said,
    /** The URLs of all requested pages, redirects included. */
    navigations,
    /** The errors that match none of these patterns. */
    unexpected: (announced) => pageErrors.filter((pageError) => !announced.some((pattern) => pattern.test(pageError))),
  };
}
