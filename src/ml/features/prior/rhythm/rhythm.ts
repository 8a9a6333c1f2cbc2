import type { RfmSummary } from '../rfm-summary.js';
import { gapShapes, likelihoodsOfShapes, posterior, silenceOverChance, tellsRhythm } from './gap-shapes.js';

/** What part of the customers who tell a rhythm have gaps of each of `gapShapes`. Plain JSON. */
export type Rhythm = readonly number[];

/** So many gaps are of any length, however regular a customer is: who was away for once comes back. */
const irregularGaps = 0.02;
/** Less likely shapes change nothing. */
const leastPosterior = 1e-6;

/**
 * P(alive) of a customer who may buy at regular intervals, from that of one who buys by chance: silence longer than their own gaps tells
 * that they have left, and silence that is shorter tells nothing.
 * @param rhythm undefined where a shop has none
 */
export function aliveByRhythm(
  rhythm: Rhythm | undefined,
  customer: Pick<RfmSummary, 'frequency' | 'recency' | 'age' | 'gapVariation'>,
  alive: number,
): number {
  if (!rhythm || !tellsRhythm(customer)) return alive;
  const { frequency, recency, age } = customer;
  let odds = 0;
  for (const [i, part] of posterior(rhythm, likelihoodsOfShapes(customer)).entries()) {
    if (part < leastPosterior) continue;
    const times = silenceOverChance(gapShapes[i]!, frequency, recency, age);
    odds += part * (irregularGaps + (1 - irregularGaps) * times);
  }
  return (alive * odds) / (alive * odds + 1 - alive);
}
