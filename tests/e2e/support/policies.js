// The Content-Security-Policies under which the package works: the strictest ones, as its documentation has them.

/** Of a document whose vault is in a worker: no wasm, no provider, no API, no other worker, and Trusted Types. */
const document = (site) => [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
  `worker-src ${site.url('vault.js')}`, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  "require-trusted-types-for 'script'", 'trusted-types wristband-spa-auth',
].join('; ');

/** Of the worker's file. It alone may run wasm, and talk to the provider and the APIs. */
const worker = (site) => `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ${site.connectTo.join(' ')}`;

/** Of a document that is the vault's home itself. */
const both = (site) => document(site)
  .replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
  .replace("connect-src 'self'", `connect-src 'self' ${site.connectTo.join(' ')}`);

/** The headers of each file, by where the test wants the vault. */
export function strictHeaders(site) {
  return (name) => {
    // The test page keeps its vault to itself where a test does not say otherwise.
    const page = (site.config.vault ?? 'page') === 'page' ? both(site) : document(site);
    return { 'Content-Security-Policy': `${name === 'vault.js' ? worker(site) : page}; ${site.reportTo}` };
  };
}

/** Of the demo: what its host sends. Trusted Types cannot be required, because Leptos makes elements of texts. */
export const demoHeaders = (site) => (name) => ({ 'Content-Security-Policy': `${site.policy(name)}; ${site.reportTo}` });

/** The policies of the package, or of the demo, enforced, and once more in a form that only reports. */
export function reportedHeaders(site, { isDemo = false } = {}) {
  const strict = isDemo ? demoHeaders(site) : strictHeaders(site);
  return (name) => {
    const headers = strict(name);
    return { ...headers, 'Content-Security-Policy-Report-Only': headers['Content-Security-Policy'] };
  };
}
