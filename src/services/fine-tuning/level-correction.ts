import type { OutlookPoint } from '../../ml/features/prior/base-outlook.js';

/**
 * How a model's level, the sum of its expected values, is corrected. A model's level differs from its prior's because of something in
 * the training windows (a season, a boom, a price rise). That was seen to last for `horizonDays`, and no longer.
 */
export interface LevelCorrection {
  /** Natural log of actual over expected spend of all training customers: maximum likelihood does not make the two equal. */
  readonly calibration: number;
  /** Sum of the calibrated model's expected values over the prior's, on held-out customers of the newest closed window. */
  readonly ratio: number;
  /** The longest that was learnt. */
  readonly horizonDays: number;
  /** The shortest that was learnt. */
  readonly shortestDays: number;
  /** The same ratio for customers as of the snapshot's date, by days, ascending. Empty where the model is not asked for every horizon. */
  readonly today: readonly LevelPoint[];
  /** Points by days, ascending, one of them at `horizonDays`; empty where the outlook is not known. */
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
 * Natural log of what the prior's value is multiplied by before the model corrects it: the calibration, and what moves the model's level
 * to the one that is believed. Over learnt horizons that is the model's own, over longer ones that of `levelBeyond`, and never more than
 * `boundOf` allows.
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
 * A lower bound over a longer horizon: the base spends at least what it is expected to spend over the learnt one. `levelBeyond` may
 * fall below, as where the level that was checked is of another season.
 * @returns natural log of the level over the prior's at which the two amounts are equal; -Infinity where it is not known
 */
function levelOfLearnt(correction: LevelCorrection, own: readonly LogPoint[], horizonDays: number): number {
  const { horizonDays: learnt } = correction;
  const grown = expectedGrowth(correction, horizonDays);
  return Number.isFinite(grown) ? Math.min(logAt(own, learnt), boundOf(correction, learnt)) - grown : -Infinity;
}

/** Factor by which the two levels may differ: on all data sets that were looked at, with priors alike, it was 1.2 at most. */
const mostUnlike = 2;

/**
 * Over a horizon H that is longer than the longest learnt one, h: the level that was checked over h for the first part of H and the
 * prior's for the rest, (ratio + t - 1) / t with t = H / h, within `baseBound`. What the model says of today's customers beyond that has
 * not been seen to come true: it fades out from h to 2h. Where the model's level over the prior differs by more than a factor of
 * `mostUnlike` between the customers it was checked on and those of today, the two priors are not comparable, and today's level is used.
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
 * How many times as long a longer horizon is as the learnt one: in days; where the model's level today is not known, in spend that the
 * prior expects of the base. In days, a high level would then be thinned out faster than the fewer and fewer purchases of later days make
 * up for, and a longer horizon would bring less.
 */
function timesLearnt(correction: LevelCorrection, horizonDays: number): number {
  const times = correction.today.length > 0 ? NaN : Math.exp(expectedGrowth(correction, horizonDays));
  return Number.isFinite(times) ? Math.max(times, 1) : horizonDays / correction.horizonDays;
}

/** Natural log of the ratio of what the prior expects of the base over the horizon and over the learnt one; NaN where not known. */
function expectedGrowth({ horizonDays: learnt, outlook }: LevelCorrection, horizonDays: number): number {
  if (!outlook.some(({ days }) => days >= horizonDays)) return NaN;
  const expected = logsOf(outlook.map(({ days, expected: ratio }) => ({ days, ratio })));
  return logAt(expected, horizonDays) - logAt(expected, learnt);
}

/**
 * `paceBound`. Where the model's level today is not known, its level over the learnt horizon is used even if it is above that bound; the
 * bound is then raised by as much, since a longer horizon would otherwise bring less.
 */
function boundOf({ ratio, horizonDays: learnt, today, outlook }: LevelCorrection, horizonDays: number): number {
  const bound = paceBound(outlook, horizonDays);
  return today.length > 0 ? bound : bound + Math.max(0, Math.log(ratio) - paceBound(outlook, learnt));
}

/**
 * Over a horizon whose outcome was never seen, a base that nobody joins is not expected to spend more than its customers did in as long
 * a time before (see `OutlookPoint.spent`), or, if that is more, than what the model expects over the learnt horizon in proportion.
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
 * Over any horizon, a base that nobody joins is not expected to spend more than its prior says or than at the highest pace that it has
 * had lately (see `OutlookPoint.paced`), whichever is more. A rise in the newest closed window would otherwise be counted twice for the
 * customers of today: in what they bought, and in what customers who bought so much did next.
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

/** Interpolates between the points by the log of the days. Before the first point and beyond the last one it is as there. */
function logAt(points: readonly LogPoint[], days: number): number {
  const next = points.findIndex((point) => point.days >= days);
  if (next <= 0) return points.at(next)!.log; // -1 is the last one.
  const [from, to] = [points[next - 1]!, points[next]!];
  return from.log + ((to.log - from.log) * Math.log(days / from.days)) / Math.log(to.days / from.days);
}
