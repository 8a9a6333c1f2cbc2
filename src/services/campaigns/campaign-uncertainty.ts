import { cents, quantile } from '../../math.js';
import { drawnLevel } from '../../ml/training/level-error.js';
import { Random } from '../../random.js';
import type { CampaignOffer } from './campaign-plan.js';

/** Zero-inflated lognormal of a contacted customer's net spend, in currency. */
export interface SpendDistribution {
  readonly probability: number;
  readonly mu: number;
  readonly sigma: number;
}

/** Distribution of the contacted customers' spend without the campaign. */
export interface TotalSpend {
  readonly contacted: number;
  /** The customers with the largest variances. */
  readonly simulated: readonly SpendDistribution[];
  /** Mean and variance of the sum over all contacted customers. */
  readonly mean: number;
  readonly variance: number;
}

export interface CampaignInterval {
  readonly level: number;
  readonly revenueLower: number;
  readonly revenueUpper: number;
  readonly profitLower: number;
  readonly profitUpper: number;
}

/** Money in currency. */
export interface CampaignUncertainty {
  readonly probabilityOfProfit: number;
  readonly intervals: readonly CampaignInterval[];
}

const draws = 2_000;
const levels = [0.8, 0.95] as const;
/** 97.5 % quantile of the standard normal. */
const z95 = 1.959963984540054;

/**
 * Distribution of incremental revenue U * L * S and profit margin * U * L * S - cost, by seeded Monte Carlo. S is the sum of the
 * customers' predictive distributions, independent of each other, drawn one by one for those with the largest variances and as one normal
 * for the many others (central limit theorem). The level L moves all of them together: see `levelScale`. The uplift U is the same for all
 * customers, too: constant, or two half-normals that meet at the uplift and have the given 95 % interval.
 * @param levelScale how sure the level of the model that predicts is
 */
export function campaignUncertainty(total: TotalSpend, offer: CampaignOffer, levelScale: number): CampaignUncertainty {
  const random = new Random('campaign');
  const { contactCost, margin, uplift, upliftInterval } = offer;
  const { lower, upper } = upliftInterval ?? { lower: uplift, upper: uplift };
  const drawnUplift = (z: number) => Math.max(uplift + (z * (z < 0 ? uplift - lower : upper - uplift)) / z95, -1);
  const others = othersOf(total);
  const cost = total.contacted * contactCost;
  const revenues = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    const spend = others.mean + others.deviation * random.normal() + drawnSpend(total.simulated, random);
    revenues[draw] = spend * drawnLevel(levelScale, random) * drawnUplift(random.normal());
  }
  revenues.sort();
  const profitable = revenues.filter((revenue) => margin * revenue > cost).length;
  return {
    probabilityOfProfit: profitable / draws,
    intervals: levels.map((level) => {
      const [lower, upper] = [quantile(revenues, (1 - level) / 2), quantile(revenues, (1 + level) / 2)];
      return {
        level,
        revenueLower: cents(lower),
        revenueUpper: cents(upper),
        profitLower: cents(margin * lower - cost),
        profitUpper: cents(margin * upper - cost),
      };
    }),
  };
}

/** Mean and deviation of the spend of all contacted customers but the simulated ones. */
function othersOf({ contacted, simulated, mean, variance }: TotalSpend): { mean: number; deviation: number } {
  if (contacted === simulated.length) return { mean: 0, deviation: 0 };
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
