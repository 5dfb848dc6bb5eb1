/**
 * The failures that the page itself notices, in the words of `src/protocol/error.rs`, from which this file is made:
 * `UPDATE_DOCS=1 cargo test --no-default-features --test docs`.
 */
export const FAILURES = {
  config_invalid: { blame: "caller", retryable: false, sentence: "the configuration is not valid" },
  disposed: { blame: "caller", retryable: false, sentence: "the session object was disposed" },
  insecure_context: { blame: "caller", retryable: false, sentence: "the page was not loaded over https, so the browser offers no cryptography" },
  network: { blame: "network", retryable: true, sentence: "no response arrived" },
  timeout: { blame: "network", retryable: true, sentence: "no response arrived in time" },
  vault_lost: { blame: "user", retryable: true, sentence: "the browser ended the worker that kept the session" },
  vault_unavailable: { blame: "caller", retryable: false, sentence: "no vault could be started for the session" },
} as const;
