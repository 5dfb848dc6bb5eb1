import { AuthError } from "./errors.js";
import { FAILURES } from "./failures.js";

/** An error that the page itself detects. `detail` says what caused it in this case. */
export function failure(code: keyof typeof FAILURES, detail = ""): AuthError {
  const { blame, retryable, sentence } = FAILURES[code];
  return new AuthError({ code, blame, retryable, detail, message: `${blame}: ${sentence}${detail ? `: ${detail}` : ""} (${code})` });
}
