import { setImmediate as nextTurn } from 'node:timers/promises';
import { cents, quantile } from '../../math.js';
import { levelQuantile } from '../../ml/training/level-error.js';
import { Random } from '../../random.js';

/** Zero-inflated lognormal of a customer's net spend, in currency. */
export interface SpendDistribution {
  readonly probability: number;
  readonly mu: number;
  readonly sigma: number;
}

/** Distribution of what customers spend together. */
export interface TotalSpend {
  readonly customers: number;
  /** The customers with the largest variances. */
  readonly simulated: readonly SpendDistribution[];
  /** Mean and variance of the sum over all customers, by their own chance. */
  readonly mean: number;
  readonly variance: number;
  /** How sure the level of the model is: see `levelScale`. */
  readonly levelScale: number;
}

/** Equal tails. */
export interface TotalInterval {
  readonly level: number;
  readonly lower: number;
  readonly upper: number;
}

const draws = 2_000;
/** A hundred draws of a thousand customers take some milliseconds. */
const drawsPerTurn = 100;

/**
 * Draws of L * S. S is the sum of the customers' predictive distributions, independent of each other, drawn one by one for those with the
 * largest variances and as one normal for the many others (central limit theorem). The level L moves all of them together.
 * @returns a draw at the given quantile of L, of whose long tails so few random draws would say little
 */
export function totalDraw(total: TotalSpend, random: Random): (p: number) => number {
  const others = othersOf(total);
  return (p) => {
    const spend = others.mean + others.deviation * random.normal() + drawnSpend(total.simulated, random);
    return spend * levelQuantile(p, total.levelScale);
  };
}

/** 2,000 draws at evenly spaced quantiles p, ascending. Others have their turns in between. */
export async function sortedDraws(draw: (p: number) => number): Promise<Float64Array> {
  const drawn = new Float64Array(draws);
  for (let i = 0; i < draws; i++) {
    if (i % drawsPerTurn === 0) await nextTurn();
    drawn[i] = draw((i + 0.5) / draws);
  }
  return drawn.sort();
}

export async function intervalOfTotal(total: TotalSpend, level: number): Promise<TotalInterval> {
  const drawn = await sortedDraws(totalDraw(total, new Random('total')));
  const [lower, upper] = tails(drawn, level);
  return { level, lower: cents(lower), upper: cents(upper) };
}

/** The quantiles between which a value lies with this probability, as likely below as above. */
export const tails = (sorted: Float64Array, level: number): [number, number] => [
  quantile(sorted, (1 - level) / 2),
  quantile(sorted, (1 + level) / 2),
];

/** Mean and deviation of the spend of all customers but the simulated ones. */
function othersOf({ customers, simulated, mean, variance }: TotalSpend): { mean: number; deviation: number } {
  if (customers === simulated.length) return { mean: 0, deviation: 0 };
  let rest = { mean, variance };
  for (const { probability, mu, sigma } of simulated) {
    const own = probability * Math.exp(mu + sigma ** 2 / 2);
    const square = probability * Math.exp(2 * mu + 2 * sigma ** 2);
    rest = { mean: rest.mean - own, variance: rest.variance - (square - own ** 2) };
  }
  return { mean: rest.mean, deviation: Math.sqrt(Math.max(rest.variance, 0)) };
}

function drawnSpend(distributions: readonly SpendDistribution[], random: Random): number {
  let spend = 0;
  for (const { probability, mu, sigma } of distributions) {
    if (random.uniform() < probability) spend += Math.exp(random.normal(mu, sigma));
  }
  return spend;
}
