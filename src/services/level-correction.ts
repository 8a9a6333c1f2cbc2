import { drawnToZero } from '../math.js';
import type { OutlookPoint } from '../ml/features/prior/base-outlook.js';

/**
 * What a model's level is corrected by. What made it differ from the prior's in windows of `horizonDays` (a season, a
 * boom, a price rise) was seen to last so long, and no longer.
 */
export interface LevelCorrection {
  /**
   * Natural log of what training customers really spent in all over what the model expected of them: a likelihood does
   * not make the two equal.
   */
  readonly calibration: number;
  /** Sum of the calibrated model's expected values over the prior's, on held-out customers of the newest closed window. */
  readonly ratio: number;
  readonly horizonDays: number;
  /**
   * The same ratio over longer horizons, by days: asked for what it never saw, a network has a level there that nothing
   * has tied down. Empty where the network is not asked for them.
   */
  readonly beyond?: readonly LevelPoint[];
  /** At `horizonDays` and beyond, by days; empty where it is not known. */
  readonly outlook: readonly OutlookPoint[];
}

export interface LevelPoint {
  readonly days: number;
  readonly ratio: number;
}

export const noCorrection: LevelCorrection = {
  calibration: 0,
  ratio: 1,
  horizonDays: Number.MAX_SAFE_INTEGER,
  outlook: [],
};

/**
 * Added to the prior's log value before the model corrects it: the calibration, and beyond the longest horizon h that
 * was learnt what makes the model's level, whatever it is over H, that of the learnt part for this part and the prior's for
 * the rest, ln((ratio h + (H - h)) / H) - ln(ratio at H), within the bound of `baseBound`.
 */
export function levelShift(correction: LevelCorrection, horizonDays: number): number {
  const { calibration, ratio, horizonDays: learnt, beyond = [], outlook } = correction;
  if (horizonDays <= learnt) return calibration;
  const ratios = [{ days: learnt, ratio }, ...beyond].map((point) => ({
    days: point.days,
    log: Math.log(point.ratio),
  }));
  const overPrior = Math.log((ratio * learnt + (horizonDays - learnt)) / horizonDays);
  return calibration + Math.min(overPrior, baseBound(outlook, ratio, horizonDays)) - logAt(ratios, horizonDays);
}

/**
 * Over a horizon whose outcome was never seen, a base that nobody joins is not expected to spend more than it did in as
 * long a time before; or than in proportion to what the model expects over the learnt horizon, where that is more.
 * @returns the most that the base's expected value may be over its prior's, as a natural log; Infinity where no sales
 *   say so
 */
function baseBound(outlook: readonly OutlookPoint[], ratio: number, horizonDays: number): number {
  if (outlook.length === 0 || outlook.some(({ spent, expected }) => !(spent > 0 && expected > 0))) return Infinity;
  const logs = outlook.map(({ days, spent, expected }) => ({ days, log: Math.log(spent / expected) }));
  return Math.max(0, Math.log(ratio) - logs[0]!.log) + logAt(logs, horizonDays);
}

/** Between the points in proportion to the log of the days; beyond the last one as there. */
function logAt(points: readonly { readonly days: number; readonly log: number }[], days: number): number {
  const next = points.findIndex((point) => point.days >= days);
  if (next <= 0) return points.at(next)!.log;
  const [from, to] = [points[next - 1]!, points[next]!];
  return from.log + ((to.log - from.log) * Math.log(days / from.days)) / Math.log(to.days / from.days);
}

/**
 * The log of the ratio of two totals, drawn towards 0 as far as chance may have made it.
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
  rest: Pick<LevelCorrection, 'calibration' | 'horizonDays' | 'beyond' | 'outlook'>,
): LevelCorrection {
  const ratio = levelRatio(model, prior);
  const { calibration } = rest;
  return ratio !== null ? { ratio, ...rest } : { ...noCorrection, calibration };
}

/** Of the sums; null where there is nothing to compare. */
export function levelRatio(model: readonly number[], prior: readonly number[]): number | null {
  const ratio = sum(model) / sum(prior);
  return Number.isFinite(ratio) && ratio > 0 ? ratio : null;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
