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
 */
export function withinBounds(
  { own, typical }: { readonly own: number; readonly typical: number },
  largestValue: number,
): WithinBounds {
  const bounded = (value: number): number => clamp(value, 0, largestValue);
  const [within, baseline] = [bounded(own), bounded(typical)];
  return { own: within, baseline, share: own === typical ? 1 : (within - baseline) / (own - typical) };
}

export function scaled<Key>(amounts: ReadonlyMap<Key, number>, factor: number): Map<Key, number> {
  return new Map([...amounts].map(([key, amount]) => [key, amount * factor]));
}
