// What pages and workers may do, as strict as possible.

/** What a page needs in addition if it runs the session itself. */
export const WASM = "'wasm-unsafe-eval'";

/**
 * The page: its own files only, no wasm, no foreign URL. What a framework needs on top: sources of scripts, styles and fonts, a base, names of
 * Trusted Types policies, or with `hasTrustedTypes: false` that none are required.
 */
const page = ({ script = '', style = '', font = "'none'", policies = '', base = "'none'", hasTrustedTypes = true }) => [
  "default-src 'none'", `script-src 'self' ${script}`, `style-src 'self' ${style}`, "worker-src 'self'", "connect-src 'self'",
  `font-src ${font}`, "img-src 'self' data:", `base-uri ${base}`, "form-action 'none'", "frame-ancestors 'none'",
  ...(hasTrustedTypes ? ["require-trusted-types-for 'script'", `trusted-types wristband-spa-auth ${policies}`] : []),
].join('; ');

/** The worker: wasm, the provider and the API. */
const worker = ({ port, apiPort }) => [
  "default-src 'none'", `script-src 'self' ${WASM}`, `connect-src 'self' http://*.localhost:${port} http://localhost:${apiPort}`,
].join('; ');

/**
 * The policy of a file by its name. A script's own policy counts only if it is a worker's: so all scripts can have
 * the worker's, whatever name a bundler gives it.
 */
export const policyOf = (name, provider, more = {}) => (name.endsWith('.js') ? worker(provider) : page(more));
