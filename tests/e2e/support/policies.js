// The Content-Security-Policies under which the package works: the strictest ones, as documented.

/** For a document whose vault is in a worker: no wasm, no provider, no API, no other worker, and Trusted Types. */
const document = (site) => [
  "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'",
  `worker-src ${site.url('vault.js')}`, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  "require-trusted-types-for 'script'", 'trusted-types wristband-spa-auth',
].join('; ');

/** For the worker's file. Only it may run wasm, and connect to the provider and the APIs. */
const worker = (site) => `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ${site.connectTo.join(' ')}`;

/** For a document that runs the vault itself. */
const both = (site) => document(site)
  .replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'")
  .replace("connect-src 'self'", `connect-src 'self' ${site.connectTo.join(' ')}`);

/** The headers of each file, by where the test wants the vault. */
export function strictHeaders(site) {
  return (name) => {
    // The test page runs its vault itself unless a test says otherwise.
    const page = (site.config.vault ?? 'page') === 'page' ? both(site) : document(site);
    return { 'Content-Security-Policy': `${name === 'vault.js' ? worker(site) : page}; ${site.reportTo}` };
  };
}

/** For the demo: what its host sends. Trusted Types cannot be required, because Leptos creates elements from strings. */
export const demoHeaders = (site) => (name) => ({ 'Content-Security-Policy': `${site.policy(name)}; ${site.reportTo}` });

/** The policies of the package, or of the demo, enforced, and once more as report-only. */
export function reportedHeaders(site, { isDemo = false } = {}) {
  const strict = isDemo ? demoHeaders(site) : strictHeaders(site);
  return (name) => {
    const headers = strict(name);
    return { ...headers, 'Content-Security-Policy-Report-Only': headers['Content-Security-Policy'] };
  };
}
