import { noCorrection } from './level-correction.js';
import type { LoadedModel } from './loaded-model.js';

/**
 * The horizon that the network is asked for. The tiers of a CLASSIFICATION are the same amounts over any horizon, and it
 * hardly learns what one does to them; squared errors are those of the longest horizon, and an MSE leaves short ones at 0.
 * Both are asked for the longest one that was learnt, the MSE for longer ones, too, and the answer is carried to others.
 */
export function askedHorizonDays(
  { spec, bundle: { level } }: Pick<LoadedModel, 'spec' | 'bundle'>,
  horizonDays: number,
): number {
  if (spec.objective === 'ZILN' || level.horizonDays === noCorrection.horizonDays) return horizonDays;
  return spec.objective === 'MSE' ? Math.max(horizonDays, level.horizonDays) : level.horizonDays;
}
