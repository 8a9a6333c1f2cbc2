import type { OutlookPoint } from '../../ml/features/prior/base-outlook.js';

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
  /** The longest that was learnt. */
  readonly horizonDays: number;
  /** The shortest that was learnt. */
  readonly shortestDays: number;
  /**
   * The same ratio of the customers of the snapshot's date, by days, ascending. Empty where the model is not asked for every
   * horizon.
   */
  readonly today: readonly LevelPoint[];
  /** By days, ascending, `horizonDays` among them; empty where it is not known. */
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
  shortestDays: 1,
  today: [],
  outlook: [],
};

/**
 * Added to the prior's log value before the model corrects it: the calibration, and what brings the level that the model has
 * over a horizon to the one that is believed, which is its own over horizons that were learnt, that of `levelBeyond` over longer
 * ones, and never above what the pace allows, see `boundOf`.
 */
export function levelShift(correction: LevelCorrection, horizonDays: number): number {
  const { calibration, ratio, horizonDays: learnt, today } = correction;
  if (horizonDays <= learnt && today.length === 0) return calibration;
  const own = logsOf(today.length > 0 ? today : [{ days: learnt, ratio }]);
  const bound = boundOf(correction, horizonDays);
  if (horizonDays <= learnt) return calibration + Math.min(0, bound - logAt(own, horizonDays));
  const level = Math.min(levelBeyond(correction, own, horizonDays), bound);
  return calibration + Math.max(level, levelOfLearnt(correction, own, horizonDays)) - logAt(own, horizonDays);
}

/**
 * What the base is expected to spend over the learnt horizon it spends over a longer one, too: the level over that one which makes
 * it as much. The level that was checked may be of another season, and what lies beyond the learnt horizon may be too little to make
 * up for what fades of today's.
 */
function levelOfLearnt(correction: LevelCorrection, own: readonly LogPoint[], horizonDays: number): number {
  const { horizonDays: learnt } = correction;
  const grown = expectedGrowth(correction, horizonDays);
  return Number.isFinite(grown) ? Math.min(logAt(own, learnt), boundOf(correction, learnt)) - grown : -Infinity;
}

/** Two levels over priors that are alike differ by 1.2 at most on all data sets that were looked at. */
const mostUnlike = 2;

/**
 * Over a horizon H that is longer than any that was learnt, h: the level that was seen over h for this part and the prior's for
 * the rest, (ratio + t - 1) / t where H is t times h, within `baseBound`. By how much more, or less, is believed of the customers
 * of today than of those it was checked on, has not been seen to come true: that fades from h to 2h. Where the model's levels of
 * both differ by more than twice, the prior of back then was another one than today's, and the level over it says nothing.
 * @param own the model's level over its prior's today
 * @returns natural log of the level over the prior's
 */
function levelBeyond(correction: LevelCorrection, own: readonly LogPoint[], horizonDays: number): number {
  const { ratio: checked, horizonDays: learnt, outlook } = correction;
  const today = Math.exp(logAt(own, learnt));
  const ratio = Math.abs(Math.log(checked / today)) > Math.log(mostUnlike) ? today : checked;
  const bound = boundOf(correction, learnt);
  const seen = Math.min(Math.log(ratio), bound);
  const believed = Math.min(logAt(own, learnt), bound);
  const times = timesLearnt(correction, horizonDays);
  const mixed = Math.log((Math.exp(seen) + times - 1) / times);
  const fading = Math.max(0, 1 - Math.log2(horizonDays / learnt));
  return Math.min(mixed, baseBound(outlook, ratio, { learnt, horizonDays })) + fading * (believed - seen);
}

/**
 * How many times the learnt horizon is in a longer one: by their days; where the model's level today is not known, by what the
 * prior expects of the base. Such a level is taken as it is, and may be so high that the purchases of later days, which are fewer
 * and fewer, would not make up for its lesser share of the days.
 */
function timesLearnt(correction: LevelCorrection, horizonDays: number): number {
  const times = correction.today.length > 0 ? NaN : Math.exp(expectedGrowth(correction, horizonDays));
  return Number.isFinite(times) ? Math.max(times, 1) : horizonDays / correction.horizonDays;
}

/** Natural log of what the prior expects of the base over the horizon, over that of the learnt one; NaN where that is not known. */
function expectedGrowth({ horizonDays: learnt, outlook }: LevelCorrection, horizonDays: number): number {
  if (!outlook.some(({ days }) => days >= horizonDays)) return NaN;
  const expected = logsOf(outlook.map(({ days, expected: ratio }) => ({ days, ratio })));
  return logAt(expected, horizonDays) - logAt(expected, learnt);
}

/**
 * `paceBound`; or in proportion to what the model expects over the learnt horizon, where that is more and, its level today not
 * being known, is taken as it is: a longer horizon would else bring less.
 */
function boundOf({ ratio, horizonDays: learnt, today, outlook }: LevelCorrection, horizonDays: number): number {
  const bound = paceBound(outlook, horizonDays);
  return today.length > 0 ? bound : bound + Math.max(0, Math.log(ratio) - paceBound(outlook, learnt));
}

/**
 * Over a horizon whose outcome was never seen, a base that nobody joins is not expected to spend more than its customers did
 * in as long a time before (see `OutlookPoint.spent`); or than in proportion to what the model expects over the learnt
 * horizon, where that is more.
 * @returns the most that the base's expected value may be over its prior's, as a natural log; Infinity where no sales
 *   say so
 */
function baseBound(
  outlook: readonly OutlookPoint[],
  ratio: number,
  { learnt, horizonDays }: { readonly learnt: number; readonly horizonDays: number },
): number {
  const logs = overExpected(outlook, ({ spent }) => spent);
  return logs ? Math.max(0, Math.log(ratio) - logAt(logs, learnt)) + logAt(logs, horizonDays) : Infinity;
}

/**
 * Over any horizon, a base that nobody joins is expected to spend what its prior says, or to keep the highest pace that it has had
 * lately, but no more. A rise that the newest closed window brought, which the customers of today have behind them, would
 * be counted twice: in what they bought, and as what customers who bought so much did next.
 * @returns as `baseBound`
 */
function paceBound(outlook: readonly OutlookPoint[], horizonDays: number): number {
  const logs = overExpected(outlook, ({ paced }) => paced);
  return logs ? Math.max(0, logAt(logs, horizonDays)) : Infinity;
}

/** Null where sales say nothing. */
function overExpected(outlook: readonly OutlookPoint[], amount: (point: OutlookPoint) => number): LogPoint[] | null {
  const ratios = outlook.map((point) => ({ days: point.days, ratio: amount(point) / point.expected }));
  const known = ratios.length > 0 && ratios.every(({ ratio }) => Number.isFinite(ratio) && ratio > 0);
  return known ? logsOf(ratios) : null;
}

interface LogPoint {
  readonly days: number;
  readonly log: number;
}

function logsOf(points: readonly LevelPoint[]): LogPoint[] {
  return points.map(({ days, ratio }) => ({ days, log: Math.log(ratio) }));
}

/** Between the points in proportion to the log of the days; before the first and beyond the last one as there. */
function logAt(points: readonly LogPoint[], days: number): number {
  const next = points.findIndex((point) => point.days >= days);
  if (next <= 0) return points.at(next)!.log; // -1 is the last one.
  const [from, to] = [points[next - 1]!, points[next]!];
  return from.log + ((to.log - from.log) * Math.log(days / from.days)) / Math.log(to.days / from.days);
}
