// The Content-Security-Policies under which the package works: the strictest ones, as its documentation has them.

/** Of a document whose vault is in a worker: no wasm, no provider, no API, and Trusted Types. */
export const DOCUMENT = [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'", "worker-src 'self'",
  "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", 'trusted-types wristband-spa-auth',
].join('; ');

/** Of the worker's file. It alone may run wasm, and talk to the provider and the APIs. */
const worker = (site) => `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ${site.connectTo.join(' ')}`;

/** Of a document that is the vault's home itself. */
const both = (site) => DOCUMENT
  .replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
  .replace("connect-src 'self'", `connect-src 'self' ${site.connectTo.join(' ')}`);

/** The headers of each file, by where the test wants the vault. */
export function strictHeaders(site) {
  return (name) => {
    // The test page keeps its vault to itself where a test does not say otherwise.
    const document = (site.config.vault ?? 'page') === 'page' ? both(site) : DOCUMENT;
    return { 'Content-Security-Policy': `${name === 'vault.js' ? worker(site) : document}; ${site.reportTo}` };
  };
}
