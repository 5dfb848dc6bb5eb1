// What pages complain of, told to their host by the pages themselves: that works in every browser alike.

/** Where the pages find the script that listens, and where they send what it hears. */
const LISTENER = 'complain.js';
const BOX = 'complaints';

/** Runs in the page, before the app. */
function listen(box) {
  const { fetch } = window;
  const under = [];
  const tell = (complaint) => {
    // A complaint outlives the page that sends it.
    under.push(fetch(box, { method: 'POST', body: complaint, keepalive: true }).catch(() => {}));
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
  window.complaintsAreTold = () => Promise.all(under);
}

/** A worker has no listener of ours: its policy names the box itself, and the browser sends a report. */
function ofReport(text) {
  const report = JSON.parse(text)['csp-report'];
  return `policy: ${report['effective-directive'] || report['violated-directive']} ${report['blocked-uri']} at ${report['document-uri']}`;
}

async function textOf(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

/** The complaints about the pages below `base`. */
export function createComplaints(base) {
  const heard = [];
  return {
    heard,
    listener: { name: LISTENER, body: `(${listen})('${base}${BOX}');` },
    /** A part of a policy: violations of it are reported. */
    reportTo: `report-uri ${base}${BOX}`,
    /** The page, with the listener before everything else in it. */
    in: (html) => html.toString().replace(/<html.*?>/, `$&<script src="${base}${LISTENER}"></script>`),
    isComplaint: (request, name) => request.method === 'POST' && name === BOX,
    async hear(request) {
      const text = await textOf(request);
      heard.push(request.headers['content-type'] === 'application/csp-report' ? ofReport(text) : text);
    },
  };
}
