/** The page's client as apps in Rust include it: `src/vault/client.js` is made of this. */
export { Handle } from "./handle.js";
