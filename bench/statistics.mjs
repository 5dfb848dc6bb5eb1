// Medians and spreads. Other load disturbs single runs; a median hardly notices.

const sorted = (values) => values.filter(Number.isFinite).toSorted((a, b) => a - b);

/** The value below which this fraction of all values lies. */
export function quantile(values, part) {
  const all = sorted(values);
  if (all.length === 0) return undefined;
  const place = (all.length - 1) * part;
  const [below, above] = [all[Math.floor(place)], all[Math.ceil(place)]];
  return below + (above - below) * (place % 1);
}

export const median = (values) => quantile(values, 0.5);

export const spread = (values) => ({ median: median(values), low: quantile(values, 0.1), high: quantile(values, 0.9) });

/** The median of the differences to another's values of the same round. */
export const overPartner = (own, partner) => median(own.map((value, round) => value - partner[round]));

/** The median of the ratios to another's values of the same round. */
export const ratioToPartner = (own, partner) => median(own.map((value, round) => value / partner[round]));
