/** The page's client for apps in Rust: `src/client/client.js` is bundled from this module. */
export { Handle } from "./handle.js";
