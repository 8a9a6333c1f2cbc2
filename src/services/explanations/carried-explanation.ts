import type { FeatureGroup } from '../../ml/features/feature-group.js';
import { scaled } from './held-back.js';

/** What an explanation over the horizon that was asked is multiplied by, so that it is one over the horizon served. */
export interface Carrying {
  /** The customer's value. */
  readonly ofOwn: number;
  /** The typical customer's value. */
  readonly ofTypical: number;
  /** The one factor less the other, by what it comes from. */
  readonly shares: ReadonlyMap<FeatureGroup, number>;
}

export const notCarried: Carrying = { ofOwn: 1, ofTypical: 1, shares: new Map() };

/** What amounts are multiplied by. */
export const meanFactor = ({ ofOwn, ofTypical }: Carrying): number => (ofOwn + ofTypical) / 2;

/**
 * Of values V, V' and factors f, f' of the customer and the typical one, the amounts sum up to V f - V' f' where before
 * they did to V - V': it is (V - V') (f + f') / 2 + (f - f') (V + V') / 2.
 */
export function carriedAmounts(
  amounts: ReadonlyMap<FeatureGroup, number>,
  carrying: Carrying,
  values: { readonly own: number; readonly typical: number },
): Map<FeatureGroup, number> {
  const carried = scaled(amounts, meanFactor(carrying));
  const meanValue = (values.own + values.typical) / 2;
  for (const [group, share] of carrying.shares) carried.set(group, (carried.get(group) ?? 0) + share * meanValue);
  return carried;
}
