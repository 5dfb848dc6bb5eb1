// Refresh tokens that were sent again after the provider had answered with new ones: a provider takes that for theft, and ends the session.

/** Finds them in the provider's log. `mayBeLost` says whether a response of that time may not have arrived. */
export function reusedTokens(log, mayBeLost) {
  const answered = new Map();
  const [reused, afterLoss] = [[], []];
  for (const { endpoint, form, time, status, fault } of log) {
    if (endpoint !== 'token' || form?.grant_type !== 'refresh_token') continue;
    const token = form.refresh_token;
    const before = answered.get(token);
    if (before !== undefined) (mayBeLost(before) ? afterLoss : reused).push({ answeredAt: before, sentAt: Date.parse(time), status });
    else if (status === 200 && !fault) answered.set(token, Date.parse(time));
  }
  return { reused, afterLoss, renewals: answered.size };
}
