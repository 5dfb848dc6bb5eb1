import { AuthError } from "./errors.js";
import { FAILURES } from "./failures.js";

/** A failure that the page itself notices. The detail says what of the case at hand leads to the cause. */
export function failure(code: keyof typeof FAILURES, detail?: string): AuthError {
  const { blame, retryable, sentence } = FAILURES[code];
  return new AuthError({ code, blame, retryable, message: `${blame}: ${sentence}${detail ? `: ${detail}` : ""} (${code})` });
}
