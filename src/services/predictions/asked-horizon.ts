import { clamp } from '../../math.js';
import { noCorrection } from '../fine-tuning/level-correction.js';
import type { LoadedModel } from '../models/loaded-model.js';

/**
 * The horizon that the network is asked for; its answer is carried to the one that is wanted. A ZILN is asked for none that is
 * shorter than the shortest learnt one, where its level is anything. The tiers of a CLASSIFICATION are the same amounts over any
 * horizon, and it hardly learns what one does to them; squared errors are those of the longest horizon, and an MSE leaves short
 * ones at 0: these are asked for the longest one that was learnt. None is asked for more than `longestAskedDays`.
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

/** Farther away a network's answer ranks worse than a nearer one. At most half of a history is learnt, rounded down. */
export function longestAskedDays(learntDays: number): number {
  return 2 * learntDays + 1;
}
