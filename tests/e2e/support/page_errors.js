// The errors and policy violations of pages, sent to their host by the pages themselves: that works in every browser.

/** The name of the script that listens in the pages, and where it sends its reports. */
const LISTENER = 'page_errors.js';
const BOX = 'page-errors';

/** Runs in the page, before the app. */
function listen(box) {
  const { fetch } = window;
  const under = [];
  const tell = (pageError) => {
    // A report outlives the page that sends it.
    under.push(fetch(box, { method: 'POST', body: pageError, keepalive: true }).catch(() => {}));
  };
  const { error: write } = console;
  console.error = (...words) => {
    tell(`console: ${words.join(' ')} at ${location.href}`);
    write.apply(console, words);
  };
  window.addEventListener('error', ({ message }) => tell(`page: ${message} at ${location.href}`));
  window.addEventListener('unhandledrejection', ({ reason }) => tell(`page: ${reason} at ${location.href}`));
  window.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI, documentURI }) => {
    tell(`policy: ${effectiveDirective} ${blockedURI} at ${documentURI}`);
  });
  window.pageErrorsAreSent = () => Promise.all(under);
}

/** A worker has no such listener: its policy names the endpoint itself, and the browser sends a report. */
function ofReport(text) {
  const report = JSON.parse(text)['csp-report'];
  return `policy: ${report['effective-directive'] || report['violated-directive']} ${report['blocked-uri']} at ${report['document-uri']}`;
}

async function textOf(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

/** The reports of the pages below `base`. */
export function createPageErrors(base) {
  const heard = [];
  return {
    heard,
    listener: { name: LISTENER, body: `(${listen})('${base}${BOX}');` },
    /** A directive of a policy: violations of the policy are reported. */
    reportTo: `report-uri ${base}${BOX}`,
    /** The page, with the listener before everything else in it. */
    in: (html) => html.toString().replace(/<html.*?>/, `$&<script src="${base}${LISTENER}"></script>`),
    isReport: (request, name) => request.method === 'POST' && name === BOX,
    async hear(request) {
      const text = await textOf(request);
      heard.push(request.headers['content-type'] === 'application/csp-report' ? ofReport(text) : text);
    },
  };
}
