import { mean, studentQuantile, sum } from '../../math.js';
import { buyersAmong, type Interval, leastBuyers } from './gini-lift.js';

/** Of a sum, what counts as left without a customer who has all of it. */
const leastLeft = 0.1;
/** As a factor, how far the interval reaches at most: all is uncertain there, and farther on bounds would be no numbers. */
const farthest = 1e100;

/**
 * Of sum predicted / sum actual - 1, as chance has drawn the customers; with too few buyers it holds 0. The jackknife of the
 * ratio's logarithm (Miller 1974, "The jackknife: a review"), with Student's quantile as of so many customers as have bought.
 * Most is spent by few: where chance has left them out, the sum is too low, and what is left varies too little to show it. A
 * bootstrap of the ratio is then too sure that the level is too high (decision 138).
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

/** How much a sum's logarithm changes without one of its amounts. */
function logWithout(amount: number, total: number): number {
  return amount === 0 ? 0 : Math.log(Math.max(1 - amount / total, leastLeft));
}

/** @param without the estimate without each customer in turn, up to a constant */
function jackknifeError(without: Float64Array): number {
  const middle = mean(without);
  const squares = sum(without.map((each) => (each - middle) ** 2));
  return Math.sqrt((squares * (without.length - 1)) / without.length);
}
