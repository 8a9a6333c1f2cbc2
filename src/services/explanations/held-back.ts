import { clamp } from '../../math.js';

/** What bounds leave of an explanation. Money in currency. */
export interface WithinBounds {
  readonly own: number;
  readonly baseline: number;
  /** What amounts are multiplied by. */
  readonly share: number;
}

/**
 * Nobody is expected to spend less than nothing, whatever a regression says, or more than is credible: what a bound holds
 * back of the difference between the customer and the typical one, it holds back of every reason alike.
 * @param most what bounds this customer besides, but not the typical one. What it holds back below that one is nobody's share
 */
export function withinBounds(
  { own, typical }: { readonly own: number; readonly typical: number },
  largestValue: number,
  most = Infinity,
): WithinBounds {
  const bounded = (value: number): number => clamp(value, 0, largestValue);
  const [within, baseline] = [Math.min(bounded(own), most), bounded(typical)];
  return { own: within, baseline, share: own === typical ? 1 : clamp((within - baseline) / (own - typical), 0, 1) };
}

export function scaled<Key>(amounts: ReadonlyMap<Key, number>, factor: number): Map<Key, number> {
  return new Map([...amounts].map(([key, amount]) => [key, amount * factor]));
}
