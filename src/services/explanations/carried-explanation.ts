import type { FeatureGroup } from '../../ml/features/feature-group.js';
import { scaled } from './held-back.js';

/** Factors that turn an explanation over the horizon that the network predicts into one over the served horizon. */
export interface Carrying {
  /** Factor of the customer's value. */
  readonly ofOwn: number;
  /** Factor of the typical customer's value. */
  readonly ofTypical: number;
  /** The difference of the two factors, split by its causes. */
  readonly shares: ReadonlyMap<FeatureGroup, number>;
}

export const notCarried: Carrying = { ofOwn: 1, ofTypical: 1, shares: new Map() };

/** The factor of amounts. */
export const meanFactor = ({ ofOwn, ofTypical }: Carrying): number => (ofOwn + ofTypical) / 2;

/**
 * With values V, V' and factors f, f' of the customer and the typical one, the sum of the amounts changes from V - V' to
 * V f - V' f' = (V - V') (f + f') / 2 + (f - f') (V + V') / 2.
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
