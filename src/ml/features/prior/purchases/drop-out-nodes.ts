import { sum } from '../../../../math.js';

/** A quadrature rule for expectations over p ~ Beta(a, b): values of p, and weights that add up to 1. */
export interface DropOutNodes {
  readonly p: Float64Array;
  /** Natural log of 1 - p. */
  readonly logStay: Float64Array;
  readonly weight: Float64Array;
  /** Derivatives of the weights by a and by b. */
  readonly byA: Float64Array;
  readonly byB: Float64Array;
}

const count = 32;
/** Largest |log-odds| of p: beyond, p is as good as 0 or 1 (one in 60,000). */
const furthest = 11;
const deviations = 7;

/** Cached, since predictions of all customers by one prior use the same nodes. */
let latest: { readonly a: number; readonly b: number; readonly nodes: DropOutNodes } | null = null;

export function dropOutNodes(a: number, b: number): DropOutNodes {
  if (latest?.a !== a || latest.b !== b) latest = { a, b, nodes: computeNodes(a, b) };
  return latest.nodes;
}

/**
 * The trapezoid rule on the scale of log-odds, on which the density is p^a (1 - p)^b and has no poles. The probability beyond each end
 * is added to the node there.
 */
function computeNodes(a: number, b: number): DropOutNodes {
  const { from, step } = spanOf(a, b);
  const odds = Float64Array.from({ length: count }, (_, k) => from + k * step);
  const logP = odds.map((value) => -Math.log1p(Math.exp(-value)));
  const logStay = odds.map((value) => -Math.log1p(Math.exp(value)));
  const top = a * Math.log(a / (a + b)) + b * Math.log(b / (a + b));
  const density = logP.map((log, k) => Math.exp(a * log + b * logStay[k]! - top));
  const below = density[0]! / a;
  const above = density[count - 1]! / b;
  const weight = density.map((value, k) => value * (k === 0 || k === count - 1 ? step / 2 : step));
  weight[0]! += below;
  weight[count - 1]! += above;
  const byA = weight.map((value, k) => value * logP[k]!);
  const byB = weight.map((value, k) => value * logStay[k]!);
  byA[0]! -= below / a;
  byB[count - 1]! -= above / b;
  const total = sum(weight);
  const [totalByA, totalByB] = [sum(byA), sum(byB)];
  return {
    p: logP.map(Math.exp),
    logStay,
    weight: weight.map((value) => value / total),
    byA: byA.map((value, k) => (value - (weight[k]! * totalByA) / total) / total),
    byB: byB.map((value, k) => (value - (weight[k]! * totalByB) / total) / total),
  };
}

/** The range of log-odds outside of which the density is negligible. */
function spanOf(a: number, b: number): { readonly from: number; readonly step: number } {
  const centre = Math.log(a / b);
  const reach = deviations * Math.sqrt(1 / a + 1 / b);
  const from = Math.max(-furthest, centre - reach);
  const to = Math.min(furthest, centre + reach);
  return { from, step: (to - from) / (count - 1) };
}
