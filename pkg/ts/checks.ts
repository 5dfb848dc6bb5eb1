/** The checks of `diagnose`, without what knows where the package's files are. Apps in Rust serve this file beside `vault.js`. */
export { print } from "./diagnose/print.js";
export { run } from "./diagnose/run.js";
