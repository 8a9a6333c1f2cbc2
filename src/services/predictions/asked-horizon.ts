import { clamp } from '../../math.js';
import { noCorrection } from '../fine-tuning/level-correction.js';
import type { LoadedModel } from '../models/loaded-model.js';

/**
 * The horizon that the network predicts; its prediction is then carried to the requested horizon. ZILN: at least the shortest learnt one,
 * below which its level is arbitrary. CLASSIFICATION: the longest learnt one, since its tiers are the same amounts over any horizon, and it
 * hardly learns the effect of the horizon. MSE: the longest learnt one, too, since that dominates the squared errors, and short horizons
 * get values of 0. At most `longestAskedDays`.
 */
export function askedHorizonDays(
  { spec, bundle: { level } }: Pick<LoadedModel, 'spec' | 'bundle'>,
  horizonDays: number,
): number {
  const { horizonDays: learnt, shortestDays } = level;
  if (learnt === noCorrection.horizonDays) return horizonDays;
  if (spec.objective === 'CLASSIFICATION') return learnt;
  return clamp(horizonDays, spec.objective === 'ZILN' ? shortestDays : learnt, longestAskedDays(learnt));
}

/** Over longer horizons a network ranks worse than over this one. Learnt is at most half of the history, rounded down, hence the 1. */
export function longestAskedDays(learntDays: number): number {
  return 2 * learntDays + 1;
}
