import { quantile } from '../../math.js';
import { Random } from '../../random.js';
import { evenly } from '../../slices.js';
import { descendingOrder } from './metrics/descending-order.js';
import { normalizedGini } from './metrics/ranking.js';

/** 95 % interval under the sampling of customers. */
export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

/** How far a model's ranking is ahead of a reference's on the same customers. Plain JSON. */
export interface GiniLift extends Interval {
  /** What it is compared with: `prior`, or the name of the best plain ranking. */
  readonly reference: string;
  /** Normalised Gini of the model minus that of the reference. */
  readonly difference: number;
}

const draws = 1_000;
/** Larger samples are thinned out evenly: a draw from a million customers takes long and blocks the process. */
const mostCustomers = 5_000;
const seed = 'gini lift';
/**
 * With fewer buyers, most draws are alike: with a single one, any better rank of this buyer would seem significant.
 */
export const leastBuyers = 5;
/** Normalised Gini coefficients lie between -1 and 1. */
const widest: Interval = { lower: -2, upper: 2 };

/** @returns null where the Gini is not defined: the actual values do not sum to something above 0 */
export function giniLift(
  actual: ArrayLike<number>,
  model: ArrayLike<number>,
  reference: { readonly name: string; readonly scores: ArrayLike<number> },
): GiniLift | null {
  const [ofModel, ofReference] = [normalizedGini(actual, model), normalizedGini(actual, reference.scores)];
  if (ofModel === null || ofReference === null) return null;
  const difference = ofModel - ofReference;
  if (buyersAmong(actual) < leastBuyers) return { reference: reference.name, difference, ...widest };
  const rows = evenly(actual.length, mostCustomers);
  const [perfect, ranked, rival] = [actual, model, reference.scores].map((scores) => ranking(scores, actual, rows));
  const interval = bootstrapInterval(difference, rows.length, actual.length, (counts) => {
    const best = weightedGini(perfect!, counts);
    return best ? (weightedGini(ranked!, counts)! - weightedGini(rival!, counts)!) / best : null;
  });
  return interval && { reference: reference.name, difference, ...interval };
}

export function buyersAmong(actual: ArrayLike<number>): number {
  let buyers = 0;
  for (let i = 0; i < actual.length; i++) if (actual[i]! > 0) buyers++;
  return buyers;
}

/**
 * Paired bootstrap over customers (Efron & Tibshirani 1993, percentile interval): each draw weights the customers by how often they were
 * drawn. If the sample was thinned out, the interval is shrunk about the measure of all customers by the root of the share kept (Politis
 * & Romano 1994, subsampling).
 * @returns null where the measure is defined in no draw
 */
function bootstrapInterval(
  all: number,
  kept: number,
  customers: number,
  measure: (counts: Float64Array) => number | null,
): Interval | null {
  const random = new Random(seed);
  const counts = new Float64Array(kept).fill(1);
  const centre = measure(counts);
  const values: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    counts.fill(0);
    for (let i = 0; i < kept; i++) counts[random.integer(kept)]!++;
    const value = measure(counts);
    if (value !== null) values.push(value);
  }
  if (centre === null || values.length === 0) return null;
  values.sort((a, b) => a - b);
  const bound = (level: number) => all + Math.sqrt(kept / customers) * (quantile(values, level) - centre);
  return { lower: bound(0.025), upper: bound(0.975) };
}

interface Ranking {
  /** Positions in the drawn rows, by falling score. */
  readonly order: Uint32Array;
  /** 1 where the score of a place equals that of the place before. */
  readonly tied: Uint8Array;
  /** Actual values, in the same order. */
  readonly values: Float64Array;
}

function ranking(scores: ArrayLike<number>, actual: ArrayLike<number>, rows: readonly number[]): Ranking {
  const kept = Float64Array.from(rows, (row) => scores[row]!);
  const order = descendingOrder(kept);
  return {
    order,
    tied: Uint8Array.from(order, (position, i) => (i > 0 && kept[position] === kept[order[i - 1]!] ? 1 : 0)),
    values: Float64Array.from(order, (position) => actual[rows[position]!]!),
  };
}

/**
 * 2 * mean(cumulative share) - 1, each customer counted as often as drawn; customers of equal score each count as the
 * mean of them all, as in `normalizedGini`. A run of W customers worth V after a cumulative value C adds
 * W C + V (W + 1) / 2 to the area.
 */
function weightedGini({ order, tied, values }: Ranking, counts: Float64Array): number | null {
  let area = 0;
  let cumulative = 0;
  let weight = 0;
  let value = 0;
  let customers = 0;
  for (let i = 0; i < order.length; i++) {
    if (tied[i] === 0) {
      area += weight * cumulative + (value * (weight + 1)) / 2;
      cumulative += value;
      weight = 0;
      value = 0;
    }
    const count = counts[order[i]!]!;
    customers += count;
    weight += count;
    value += count * values[i]!;
  }
  area += weight * cumulative + (value * (weight + 1)) / 2;
  cumulative += value;
  return cumulative > 0 ? (2 * area) / (cumulative * customers) - 1 : null;
}
