import { digamma, logGamma } from '../../../../math.js';
import type { BgNbdParameters } from '../purchases/bg-nbd.js';
import type { PurchaseRows } from '../purchases/purchase-rows.js';
import { type DropOutNodes, dropOutNodes } from '../purchases/drop-out-nodes.js';

/** A value, and its derivatives by (r, alpha, a, b). */
type Derived = Float64Array;

/**
 * Log-likelihood of BG/NBD, plain or modified, where some customers had bought before history begins, and its gradient by (r,
 * alpha, a, b) into `gradient`.
 *
 * Customers come at a constant rate, and did so for a time L before history. Of those who had come a time u before it,
 * e^(-lambda p u) are there when it begins, and are first seen to buy a wait d later with density lambda e^(-lambda d). Over all
 * u that is (1 - e^(-lambda p L)) / p · e^(-lambda d) of them for each who really comes at d. They may leave after that purchase
 * as after any other. At a given p the integrals over lambda are powers of alpha plus a time; over p they are sums.
 *
 * @param length L, in the rows' unit, as their waits are
 */
export function earlierLogLikelihood(
  parameters: BgNbdParameters,
  length: number,
  rows: PurchaseRows & { readonly wait: Float64Array },
  gradient: Float64Array,
): number {
  const { r, alpha, a, b } = parameters;
  const chances = parameters.leavesAtFirst ? 1 : 0;
  const nodes = dropOutNodes(a, b);
  const stayed = Array.from(rows.frequencies, (x) => nodes.logStay.map((log) => Math.exp((x + chances) * log)));
  const seenAfter = new Map<number, Derived>();
  const purchases: Derived = new Float64Array(5);
  let logLikelihood = 0;
  gradient.fill(0);
  for (let i = 0; i < rows.count.length; i++) {
    const [x, wait, count] = [rows.frequency[i]!, rows.wait[i]!, rows.count[i]!];
    const [last, end] = [alpha + rows.recency[i]!, alpha + rows.age[i]!];
    const seen = seenAfter.get(wait) ?? firstSeen(parameters, nodes, length, wait);
    seenAfter.set(wait, seen);
    const ofRow = { s: r + x, last, end, wait, length, mayHaveLeft: x + chances > 0 };
    setPurchases(purchases, nodes, stayed[rows.frequencyIndex[i]!]!, ofRow);
    logLikelihood += count * (logGamma(r + x) - (r + x) * Math.log(last) + Math.log(purchases[0]! / seen[0]!));
    gradient[0]! += count * digamma(r + x);
    for (let j = 0; j < 4; j++) gradient[j]! += count * (purchases[j + 1]! / purchases[0]! - seen[j + 1]! / seen[0]!);
  }
  gradient[0]! += rows.total * (Math.log(alpha) - digamma(r));
  gradient[1]! += (rows.total * r) / alpha;
  return logLikelihood + rows.total * (r * Math.log(alpha) - logGamma(r));
}

/** Customers first seen a wait after history began, for each of them who really came then. */
function firstSeen({ r, alpha, leavesAtFirst }: BgNbdParameters, nodes: DropOutNodes, length: number, wait: number) {
  const seen: Derived = new Float64Array(5);
  const [from, logFrom] = [alpha + wait, Math.log(alpha / (alpha + wait))];
  const power = Math.exp(r * logFrom);
  seen[0] = 1;
  for (let k = 0; k < nodes.p.length; k++) {
    const p = nodes.p[k]!;
    const to = from + p * length;
    const logTo = Math.log(alpha / to);
    const powerTo = Math.exp(r * logTo);
    const there = (leavesAtFirst ? Math.exp(nodes.logStay[k]!) : 1) / p;
    const weight = nodes.weight[k]! * there;
    seen[0] += weight * (power - powerTo);
    seen[1]! += weight * (power * logFrom - powerTo * logTo);
    seen[2]! += weight * r * (power * (1 / alpha - 1 / from) - powerTo * (1 / alpha - 1 / to));
    seen[3]! += nodes.byA[k]! * there * (power - powerTo);
    seen[4]! += nodes.byB[k]! * there * (power - powerTo);
  }
  return seen;
}

interface RowTimes {
  readonly s: number;
  /** alpha plus recency, and plus age. */
  readonly last: number;
  readonly end: number;
  readonly wait: number;
  readonly length: number;
  readonly mayHaveLeft: boolean;
}

/** Their purchases, of both kinds of customers: over powers of `last`, the largest of all, which the derivatives contain. */
function setPurchases(purchases: Derived, nodes: DropOutNodes, stayed: Float64Array, row: RowTimes): void {
  const { s, last, end, wait, length, mayHaveLeft } = row;
  const logLast = Math.log(last);
  const power = (log: number) => Math.exp(-s * (log - logLast));
  const logEnd = Math.log(end);
  const there = power(logEnd);
  const [seenEnd, seenLast] = [end + wait, last + wait];
  const [logSeenEnd, logSeenLast] = [Math.log(seenEnd), Math.log(seenLast)];
  const [seenThere, seenLeft] = [power(logSeenEnd), power(logSeenLast)];
  let [value, byR, byAlpha, byA, byB] = [0, 0, 0, 0, 0];
  for (let k = 0; k < stayed.length; k++) {
    const p = nodes.p[k]!;
    const odds = (1 - p) / p;
    const left = mayHaveLeft ? 1 / odds : 0;
    const end1 = seenEnd + p * length;
    const last1 = seenLast + p * length;
    const logEnd1 = Math.log(end1);
    const logLast1 = Math.log(last1);
    const there1 = power(logEnd1);
    const left1 = power(logLast1);
    const here = there + left + odds * (seenThere - there1) + seenLeft - left1;
    const logs =
      there * logEnd +
      left * logLast +
      odds * (seenThere * logSeenEnd - there1 * logEnd1) +
      seenLeft * logSeenLast -
      left1 * logLast1;
    const slopes =
      there / end + left / last + odds * (seenThere / seenEnd - there1 / end1) + seenLeft / seenLast - left1 / last1;
    const weight = nodes.weight[k]! * stayed[k]!;
    value += weight * here;
    byR -= weight * logs;
    byAlpha -= weight * s * slopes;
    byA += nodes.byA[k]! * stayed[k]! * here;
    byB += nodes.byB[k]! * stayed[k]! * here;
  }
  purchases.set([value, byR, byAlpha, byA, byB]);
}
