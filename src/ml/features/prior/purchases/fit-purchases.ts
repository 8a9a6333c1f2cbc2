import { purchasesLogLikelihood, type PurchaseParameters } from './purchase-model.js';
import { thinPurchaseRows, toPurchaseRows, type PurchaseRows } from './purchase-rows.js';
import { fitLogParameters, maxCoarseRows, type LogFit } from '../fitting/log-parameters.js';
import type { RfmColumns } from '../rfm-summary.js';

export const weekDays = 7;

/** Distinct histories that tell the parameters where customers had come before history: a likelihood ten times as slow. */
export const mostEarlierRows = 10_000;

/** Bounds of the logarithms of (r, alpha, a, b); an optimum on the edge means that the data do not determine it. */
const purchaseBox = { lower: [1e-3, 1e-3, 1e-3, 1e-3].map(Math.log), upper: [20, 1e5, 50, 1000].map(Math.log) };
/** Bounds where `b` is a time, as in Pareto/NBD. */
const timeBox = { ...purchaseBox, upper: [20, 1e5, 50, 1e5].map(Math.log) };

/** How customers leave, and whether some had come before history. */
export type PurchaseKind = Pick<PurchaseParameters, 'leavesAtFirst' | 'leavesWithTime' | 'earlier'>;

type PurchaseFit = LogFit & { parameters: PurchaseParameters };

/**
 * Fits BG/NBD, plain or modified, with customers from before history or without, or Pareto/NBD.
 * @param rows times in weeks
 * @param enough false: regularise, see `LogFitProblem`
 */
export function fitPurchases(
  rows: PurchaseRows,
  enough: boolean,
  { leavesAtFirst, leavesWithTime, earlier }: PurchaseKind = { leavesAtFirst: false },
): PurchaseFit {
  const leaving = leavesWithTime ? { leavesAtFirst, leavesWithTime } : { leavesAtFirst };
  const typical = typicalPurchases(rows, leaving);
  const [r, alpha, a, b] = typical as [number, number, number, number];
  const starts = [typical, [r - 1, alpha - 1, a, b], [r, alpha, a - 2, b], [r + 1, alpha + 1, a + 1, b + 1]];
  const plain = fitFrom(starts, rows, leaving, enough);
  if (!earlier || leavesWithTime) return plain;
  const few = thinPurchaseRows(rows, mostEarlierRows);
  const fit = fitFrom([plain.point.map(Math.log)], few, { leavesAtFirst, earlier }, enough);
  return { ...fit, logLikelihood: purchasesLogLikelihood(fit.parameters, rows, new Float64Array(4)) };
}

/** Plain BG/NBD on customers whose times are on a clock. */
export const fitBgNbd = (timed: RfmColumns): PurchaseFit => fitPurchases(toPurchaseRows(timed, weekDays), true);

export const bestLogLikelihood = (timed: RfmColumns): number => fitBgNbd(timed).logLikelihood;

/** `bestLogLikelihood`, searched for from the fit on a clock that differs little, and regularised as that is: in a fraction of the time. */
export function bestLogLikelihoodNear({ point, regularised }: LogFit, timed: RfmColumns): number {
  const rows = toPurchaseRows(timed, weekDays);
  return fitFrom([point.map(Math.log)], rows, { leavesAtFirst: false }, !regularised).logLikelihood;
}

/**
 * Fits the same kind to a part of the customers.
 * @param near parameters of all, to which those of the part are weakly drawn, see `LogFitProblem`
 */
export function fitPurchasesNear(near: PurchaseParameters, rows: PurchaseRows): PurchaseFit {
  const { r, alpha, a, b, leavesAtFirst, leavesWithTime, earlier } = near;
  const typical = [r, alpha, a, b].map(Math.log);
  const kind = { leavesAtFirst, ...(leavesWithTime && { leavesWithTime }), ...(earlier && { earlier }) };
  return fitFrom([typical], rows, kind, false, typical);
}

function fitFrom(
  starts: readonly (readonly number[])[],
  rows: PurchaseRows,
  kind: PurchaseKind,
  enough: boolean,
  typical = typicalPurchases(rows, kind),
): PurchaseFit {
  const toParameters = ([r, alpha, a, b]: readonly number[]): PurchaseParameters => ({
    r: r!,
    alpha: alpha!,
    a: a!,
    b: b!,
    ...kind,
  });
  const likelihood = (of: PurchaseRows) => ({
    total: of.total,
    logLikelihood: (point: readonly number[], gradient: Float64Array) =>
      purchasesLogLikelihood(toParameters(point), of, gradient),
  });
  const fit = fitLogParameters({
    likelihood: likelihood(rows),
    coarse: likelihood(thinPurchaseRows(rows, maxCoarseRows)),
    starts,
    box: kind.leavesWithTime ? timeBox : purchaseBox,
    typical,
    enough,
  });
  return { ...fit, parameters: toParameters(fit.point) };
}

/** Logarithms of (r, alpha, a, b): the shop's own purchase rate, the spread and drop-out of typical shops. */
function typicalPurchases(rows: PurchaseRows, { leavesWithTime }: PurchaseKind): number[] {
  let weeks = 0;
  let purchases = 0.5;
  rows.count.forEach((count, i) => {
    weeks += count * rows.age[i]!;
    purchases += count * rows.frequency[i]!;
  });
  const r = 0.5;
  const dropOut = leavesWithTime ? [0.8, 20] : [0.8, 2.5];
  return [r, (r * Math.max(weeks, 1)) / purchases, ...dropOut].map(Math.log);
}
