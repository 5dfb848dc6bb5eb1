// Where the engine's own `fetch` is not what the standard says, or where `auth.fetch` cannot do the same in this engine.

/** A signal aborts with its reason. These engines reject with an `AbortError`, whatever the reason is. */
const NO_REASON = 'fetch rejects with an AbortError instead of the signal\'s reason';

/** No shared worker of these engines can outlive its pages. */
const KEEPALIVE = {
  'keepalive: a small body': 'auth.fetch refuses it',
  'keepalive: no body': 'auth.fetch refuses it',
};

/** For each engine the cases that differ, and why. */
export const QUIRKS = {
  firefox: {
    ...KEEPALIVE,
    'signal: aborted with a reason during json()': NO_REASON,
    'signal: a timeout during json()': NO_REASON,
  },
  webkit: {
    ...KEEPALIVE,
    'signal: aborted before the response, with a reason': NO_REASON,
    'signal: aborted before the response, with null': NO_REASON,
    'signal: a timeout': NO_REASON,
    'signal: any of two': NO_REASON,
    'signal: init\'s replaces that of the Request': NO_REASON,
    'signal: no signal': 'fetch accepts a signal that is none',
    'signal: aborted with a reason during json()': NO_REASON,
    'signal: a timeout during json()': NO_REASON,
    'signal: aborted while a reader waits': NO_REASON,
    'signal: aborted while a clone is read': 'fetch rejects with a TypeError',
    'signal: aborted while the body is piped': NO_REASON,
    'blob() of answer?type=image/png%3B%20a%3DB': 'the type of the blob has no parameters',
  },
};
