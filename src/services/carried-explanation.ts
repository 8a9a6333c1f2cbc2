import type { FeatureGroup } from '../ml/features/feature-group.js';

/** What an explanation over the horizon that was asked is multiplied by, so that it is one over the horizon served. */
export interface Carrying {
  /** The typical customer's value. */
  readonly ofTypical: number;
  /** Amounts: the mean of the typical customer's factor and of the customer's own. */
  readonly mean: number;
  /** The customer's own factor less the typical one's, by what it comes from. */
  readonly shares: ReadonlyMap<FeatureGroup, number>;
}

export const notCarried: Carrying = { ofTypical: 1, mean: 1, shares: new Map() };

/**
 * Of values V, V' and factors f, f' of the customer and the typical one, the amounts sum up to V f - V' f' where before
 * they did to V - V': it is (V - V') (f + f') / 2 + (f - f') (V + V') / 2.
 */
export function carriedAmounts(
  amounts: ReadonlyMap<FeatureGroup, number>,
  { mean, shares }: Carrying,
  values: { readonly own: number; readonly typical: number },
): Map<FeatureGroup, number> {
  const carried = new Map([...amounts].map(([group, amount]) => [group, amount * mean]));
  const meanValue = (values.own + values.typical) / 2;
  for (const [group, share] of shares) carried.set(group, (carried.get(group) ?? 0) + share * meanValue);
  return carried;
}
