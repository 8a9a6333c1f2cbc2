import { noCorrection } from './level-correction.js';
import type { LoadedModel } from './loaded-model.js';

/**
 * The horizon that the network is asked for. The tiers of a CLASSIFICATION are the same amounts over any horizon, and it
 * hardly learns what one does to them: it is asked for the longest one that was learnt, and the answer carried to others.
 */
export function askedHorizonDays(
  { spec, bundle: { level } }: Pick<LoadedModel, 'spec' | 'bundle'>,
  horizonDays: number,
): number {
  const isKnown = level.horizonDays !== noCorrection.horizonDays;
  return spec.objective === 'CLASSIFICATION' && isKnown ? level.horizonDays : horizonDays;
}
