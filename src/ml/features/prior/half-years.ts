import { type YearlyClock, shareOfHalf } from './yearly-clock.js';
import type { YearlyChances } from './yearly-model.js';

/** By what the odds of buying in a year are multiplied: in one of an even number, and of an odd one. */
export type YearOdds = readonly [even: number, odd: number];

/**
 * In one half of the year more may buy than in the other. The model has one chance for both; of what is ahead, the odds of either half
 * are moved so that, at the mean chance of those who are there, the halves have the shares of purchases that they have had.
 * @returns null where years are whole
 */
export function oddsOfHalves(clock: YearlyClock, { alpha, beta }: YearlyChances): YearOdds | null {
  if (!clock.halfYears) return null;
  const ratio = shareOfHalf(clock, 0) / shareOfHalf(clock, 1);
  const mean = alpha / (alpha + beta);
  // Of chance(odds) / chance(1 / odds) = ratio.
  const turn = mean * (ratio - 1);
  const odds = (turn + Math.sqrt(turn ** 2 + 4 * ratio * (1 - mean) ** 2)) / (2 * (1 - mean));
  return [odds, 1 / odds];
}

export function chanceIn(year: number, chance: number, odds: YearOdds | null): number {
  if (!odds) return chance;
  const times = odds[year % 2 === 0 ? 0 : 1];
  return (times * chance) / (1 - chance + times * chance);
}
