import { cents, normalQuantile } from '../../math.js';
import { Random } from '../../random.js';
import { sortedDraws, tails, totalDraw, type TotalSpend } from '../totals/total-spend.js';
import type { CampaignOffer } from './campaign-plan.js';

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

const levels = [0.8, 0.95] as const;
const z95 = normalQuantile(0.975);

/**
 * Distribution of incremental revenue U * T and profit margin * U * T - cost, by seeded Monte Carlo. T is what the contacted customers spend
 * without the campaign: see `totalDraw`. The uplift U is the same for all customers: constant, or two half-normals that meet at the uplift
 * and have the given 95 % interval.
 * @param total of the contacted customers
 */
export async function campaignUncertainty(total: TotalSpend, offer: CampaignOffer): Promise<CampaignUncertainty> {
  const random = new Random('campaign');
  const { contactCost, margin, uplift, upliftInterval } = offer;
  const { lower, upper } = upliftInterval ?? { lower: uplift, upper: uplift };
  const drawnUplift = (z: number) => Math.max(uplift + (z * (z < 0 ? uplift - lower : upper - uplift)) / z95, -1);
  const cost = total.customers * contactCost;
  const drawnTotal = totalDraw(total, random);
  const revenues = await sortedDraws((p) => drawnTotal(p) * drawnUplift(random.normal()));
  const profitable = revenues.filter((revenue) => margin * revenue > cost).length;
  return {
    probabilityOfProfit: profitable / revenues.length,
    intervals: levels.map((level) => {
      const [low, high] = tails(revenues, level);
      return {
        level,
        revenueLower: cents(low),
        revenueUpper: cents(high),
        profitLower: cents(margin * low - cost),
        profitUpper: cents(margin * high - cost),
      };
    }),
  };
}
