import { mean, studentQuantile, sum } from '../../math.js';
import { buyersAmong, type Interval, leastBuyers } from './gini-lift.js';

/** Share of a sum that counts as left without a customer who has nearly all of it. */
const leastLeft = 0.1;
/** Largest factor of the interval's bounds, which would otherwise overflow: so far out nothing is certain anyway. */
const farthest = 1e100;

/**
 * 95 % interval of the bias, sum predicted / sum actual - 1, under the sampling of customers; with too few buyers it holds 0. By the
 * jackknife of the ratio's logarithm (Miller 1974, "The jackknife: a review"), with Student's quantile for as many observations as there
 * are buyers. Few customers spend most: a sample without them has too low a sum and too little variance, so that a bootstrap of the
 * ratio would be too sure that the level is too high (decision 138).
 * @returns null where the actual values do not sum to more than 0
 */
export function biasInterval(actual: ArrayLike<number>, predicted: ArrayLike<number>): Interval | null {
  const [spent, expected] = [sum(actual), sum(predicted)];
  if (!(spent > 0)) return null;
  const buyers = buyersAmong(actual);
  const logsWithout = Float64Array.from(
    actual,
    (own, i) => logWithout(predicted[i]!, expected) - logWithout(own, spent),
  );
  const distance = studentQuantile(0.975, Math.max(buyers, leastBuyers) - 1) * jackknifeError(logsWithout);
  const factor = Math.min(Math.exp(distance), farthest);
  const [lower, upper] = [expected / spent / factor - 1, (expected / spent) * factor - 1];
  return buyers < leastBuyers ? { lower: Math.min(lower, 0), upper: Math.max(upper, 0) } : { lower, upper };
}

/** Change of a sum's logarithm without one of its amounts. */
function logWithout(amount: number, total: number): number {
  return amount === 0 ? 0 : Math.log(Math.max(1 - amount / total, leastLeft));
}

/** @param without the estimate without each customer in turn, up to a constant */
function jackknifeError(without: Float64Array): number {
  const middle = mean(without);
  const squares = sum(without.map((each) => (each - middle) ** 2));
  return Math.sqrt((squares * (without.length - 1)) / without.length);
}
