import { averageRanks } from '../../../src/ml/training/metrics/ranking.js';

/** Of each customer, as of the same day. */
interface RfmColumns {
  /** Days since the last purchase: fewer are better. */
  readonly recencyDays: ArrayLike<number>;
  /** Number of purchases. */
  readonly frequency: ArrayLike<number>;
  /** Mean value of a purchase, in currency (the total would count frequency twice). */
  readonly monetary: ArrayLike<number>;
}

/**
 * Classic 5 x 5 x 5 scoring (Hughes 1994, "Strategic Database Marketing", chapter 5): a customer's recency, frequency
 * and monetary value get a score of 1 to 5 each, by fifths of the base, 5 for the best fifth, and the three are added
 * up: 3 to 15. Customers who are alike get the same score, that of the middle of their ranks. Of the usual variants (the
 * digits read as a number, fifths within fifths, total spend as monetary value) this one ranks best.
 */
export function rfmScores({ recencyDays, frequency, monetary }: RfmColumns): Float64Array {
  const days = Float64Array.from(recencyDays, (value) => -value);
  const [recent, frequent, spending] = [days, frequency, monetary].map(fifths) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return recent.map((score, i) => score + frequent[i]! + spending[i]!);
}

/** 1 for the lowest fifth to 5 for the highest. */
function fifths(values: ArrayLike<number>): Float64Array {
  return averageRanks(values).map((rank) => Math.floor((5 * (rank - 0.5)) / values.length) + 1);
}
