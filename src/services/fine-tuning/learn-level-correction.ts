import { drawnToZero, sum } from '../../math.js';
import { type LevelCorrection, noCorrection } from './level-correction.js';

/**
 * The log of actual over expected spend in all, shrunk towards 0 as far as chance may have made it.
 * @param rows net spend and expected value of training rows, and how much each counts
 */
export function levelCalibration(
  rows: readonly { readonly actual: number; readonly predicted: number; readonly weight: number }[],
): number {
  const total = sum(rows.map(({ predicted, weight }) => weight * predicted));
  const log = Math.log(sum(rows.map(({ actual, weight }) => weight * actual)) / total);
  if (!Number.isFinite(log)) return 0;
  const squares = rows.map(({ actual, predicted, weight }) => (weight * (actual - predicted)) ** 2);
  const variance = sum(squares) / total ** 2;
  return drawnToZero(log, variance);
}

/** @param model expected values, and the prior's for the same customers */
export function levelCorrection(
  model: readonly number[],
  prior: readonly number[],
  rest: Omit<LevelCorrection, 'ratio'>,
): LevelCorrection {
  const ratio = levelRatio(model, prior);
  const { calibration } = rest;
  return ratio !== null ? { ratio, ...rest } : { ...noCorrection, calibration };
}

/** The ratio of the sums; null where there is nothing to compare. */
export function levelRatio(model: readonly number[], prior: readonly number[]): number | null {
  const ratio = sum(model) / sum(prior);
  return Number.isFinite(ratio) && ratio > 0 ? ratio : null;
}
