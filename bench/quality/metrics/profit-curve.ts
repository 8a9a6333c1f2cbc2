import { ClvError } from '../../../src/errors.js';
import type { Metric } from '../../../src/ml/training/metrics/paired-bootstrap.js';
import { sortedBy } from '../../../src/ml/training/metrics/ranking.js';
import { type CampaignTerms, checkCampaignTerms } from '../../../src/services/campaigns/campaign-terms.js';

/** The profit that contacting the best-ranked customers of a closed window would have made. Money in currency. */
export interface ProfitCurve {
  /** `profit[k]` is that of contacting the k best-ranked: from nobody, which is 0, to everybody. */
  readonly profit: Float64Array;
  /** The same for 0, 10, ..., 100 % of the customers. */
  readonly deciles: readonly number[];
  /** Number of customers at which the profit is highest, in hindsight. */
  readonly bestDepth: number;
  readonly bestProfit: number;
  /**
   * Area between this curve and that of a random order, over that between the perfect order and the random one: 1 is
   * perfect, 0 as good as random, below 0 worse; null where the actual spend does not vary. Every ranking pays the same
   * for the same depth, so costs cancel out: it is the normalised Gini coefficient, of the area by trapezoids.
   */
  readonly area: number | null;
}

/** Profit of a contact with a customer who spends `spend` without it, in currency. */
function contactProfit(spend: number, { contactCost, margin, uplift }: CampaignTerms): number {
  return margin * uplift * spend - contactCost;
}

/**
 * Customers of equal score are contacted in random order: between them the curve is its expectation, a straight line.
 *
 * @param scores higher is contacted earlier; any numbers that order
 * @param actual net spend in the window, in currency; of a negative one a contact makes more
 * @throws ClvError INSUFFICIENT_DATA without customers; BAD_USER_INPUT for terms that make no sense
 */
export function profitCurve(scores: ArrayLike<number>, actual: ArrayLike<number>, terms: CampaignTerms): ProfitCurve {
  if (actual.length === 0) throw new ClvError('INSUFFICIENT_DATA', 'There are no customers to draw a profit curve of.');
  checkCampaignTerms(terms);
  const profit = accumulate(sortedBy(scores, actual), terms);
  const bestDepth = profit.reduce((best, value, depth) => (value > profit[best]! ? depth : best), 0);
  return {
    profit,
    deciles: Array.from({ length: 11 }, (_, i) => profit[Math.round((i * actual.length) / 10)]!),
    bestDepth,
    bestProfit: profit[bestDepth]!,
    area: profitArea(actual, scores),
  };
}

/** How many customers have an expected profit above 0: the depth that forecasts in currency choose by themselves. */
export function plannedDepth(expectedSpend: ArrayLike<number>, terms: CampaignTerms): number {
  let depth = 0;
  for (let i = 0; i < expectedSpend.length; i++) if (contactProfit(expectedSpend[i]!, terms) > 0) depth++;
  return depth;
}

/** For `pairedBootstrap`: `ProfitCurve.bestProfit`. */
export function bestProfitOf(terms: CampaignTerms): Metric {
  return (actual, scores) => profitCurveMaximum(accumulate(sortedBy(scores, actual), terms));
}

/** For `pairedBootstrap`: the profit of contacting exactly those whose expected profit is above 0. */
export function plannedProfitOf(terms: CampaignTerms): Metric {
  return (actual, expectedSpend) => {
    let profit = 0;
    for (let i = 0; i < actual.length; i++) {
      if (contactProfit(expectedSpend[i]!, terms) > 0) profit += contactProfit(actual[i]!, terms);
    }
    return profit;
  };
}

/** For `pairedBootstrap`: `ProfitCurve.area`. */
export const profitArea: Metric = (actual, scores) => {
  const perfect = sortedBy(actual, actual);
  if (perfect[0] === perfect.at(-1)) return null;
  return areaAboveRandom(sortedBy(scores, actual)) / areaAboveRandom(perfect);
};

function accumulate(spend: Float64Array, terms: CampaignTerms): Float64Array {
  const profit = new Float64Array(spend.length + 1);
  for (let i = 0; i < spend.length; i++) profit[i + 1] = profit[i]! + contactProfit(spend[i]!, terms);
  return profit;
}

function profitCurveMaximum(profit: Float64Array): number {
  return profit.reduce((best, value) => Math.max(best, value), 0);
}

/** Trapezoids under the cumulative spend, less those under the straight line to its end. */
function areaAboveRandom(spend: Float64Array): number {
  let [total, area] = [0, 0];
  for (const value of spend) {
    area += total + value / 2;
    total += value;
  }
  return area - (total * spend.length) / 2;
}
