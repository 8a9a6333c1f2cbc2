import { noCorrection } from '../fine-tuning/level-correction.js';
import type { LoadedModel } from '../models/loaded-model.js';

/**
 * The horizon that the network is asked for; its answer is carried to the one that is wanted. A ZILN is asked for none that is
 * shorter than the shortest learnt one, where its level is anything. The tiers of a CLASSIFICATION are the same amounts over any
 * horizon, and it hardly learns what one does to them; squared errors are those of the longest horizon, and an MSE leaves short
 * ones at 0: these are asked for the longest one that was learnt, the MSE for longer ones, too.
 */
export function askedHorizonDays(
  { spec, bundle: { level } }: Pick<LoadedModel, 'spec' | 'bundle'>,
  horizonDays: number,
): number {
  if (level.horizonDays === noCorrection.horizonDays) return horizonDays;
  if (spec.objective === 'ZILN') return Math.max(horizonDays, level.shortestDays);
  return spec.objective === 'MSE' ? Math.max(horizonDays, level.horizonDays) : level.horizonDays;
}
