// The networks on which a visit is measured. Rates are in kilobits per second, times in milliseconds. The values of Fast 4G and Slow 4G are the
// packet-level ones of Lighthouse and DevTools. `cpu`: how many times slower the processor of all renderers is made.
export const NETWORKS = {
  loopback: { title: 'Loopback', cpu: 1, link: {} },
  fast: { title: 'Fast 4G (60 ms, 9 Mbps down, 1.5 Mbps up), CPU ÷ 4', cpu: 4, link: { rtt: 60, down: 9_000, up: 1_500 } },
  slow: { title: 'Slow 4G (150 ms, 1.6 Mbps down, 0.75 Mbps up), CPU ÷ 4', cpu: 4, link: { rtt: 150, down: 1_638.4, up: 750 } },
};

/** How long the user stays at the provider. Meanwhile a library can prepare the callback. No reported time includes it. */
export const USER_TAKES = 600;

/**
 * Counts round trips: what a page does takes much less than one of them, and neither bandwidth nor slow start adds any, so a time is as many
 * sequential round trips as it has whole multiples of `rtt`. The user stays as many round trips at the provider as on Slow 4G.
 */
export const COUNTING = { cpu: 1, link: { rtt: 400, slowStart: false }, userTakes: (USER_TAKES * 400) / 150 };
