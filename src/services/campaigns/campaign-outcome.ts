import { cents } from '../../math.js';
import type { CampaignPlan } from './campaign-plan.js';

/** One hundredth of the candidates, ordered by falling prediction. */
export interface CampaignCell {
  readonly customers: number;
  readonly predicted: number;
  readonly contacted: number;
  readonly contactedPredicted: number;
  readonly profitable: number;
  /** The greatest depth in this hundredth at which all contacts together earn 0 or more; null where there is none. */
  readonly breakEvenDepth: number | null;
  /** The last customer to be contacted, if in this hundredth. */
  readonly marginalId: string | null;
  readonly marginalPredicted: number | null;
}

export interface CampaignPoint {
  /** Number of contacted customers, the most valuable first. */
  readonly depth: number;
  /** Share of the candidates, 0 to 1. */
  readonly share: number;
  readonly cost: number;
  readonly incrementalRevenue: number;
  readonly incrementalProfit: number;
}

export interface MarginalCustomer {
  readonly customerId: string;
  readonly predicted: number;
  readonly incrementalProfit: number;
}

/** Expected values; money in currency. */
export interface CampaignOutcome {
  readonly candidates: number;
  readonly contacted: number;
  readonly cost: number;
  /** Predicted spend of the contacted customers without the campaign. */
  readonly predicted: number;
  readonly incrementalRevenue: number;
  readonly incrementalProfit: number;
  readonly returnOnInvestment: number | null;
  readonly breakEvenClv: number | null;
  readonly breakEvenUplift: number | null;
  readonly profitableDepth: number;
  readonly breakEvenDepth: number;
  readonly marginal: MarginalCustomer | null;
  readonly curve: readonly CampaignPoint[];
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** @param cells in the order of their depth */
export function outcomeOf({ offer, reach }: CampaignPlan, cells: readonly CampaignCell[]): CampaignOutcome {
  const { contactCost, margin, uplift } = offer;
  const sum = (value: (cell: CampaignCell) => number) => cells.reduce((total, cell) => total + value(cell), 0);
  const candidates = sum(({ customers }) => customers);
  const contacted = sum((cell) => cell.contacted);
  const predicted = sum(({ contactedPredicted }) => contactedPredicted);
  const costOf = (depth: number) => depth * contactCost;
  const profitOf = (depth: number, value: number) => margin * uplift * value - costOf(depth);
  const money = (depth: number, value: number) => ({
    cost: cents(costOf(depth)),
    incrementalRevenue: cents(uplift * value),
    incrementalProfit: cents(profitOf(depth, value)),
  });
  const last = cells.find(({ marginalId }) => marginalId !== null);
  return {
    candidates,
    contacted,
    predicted: cents(predicted),
    ...money(contacted, predicted),
    // From amounts that are not rounded, since all contacts together may cost a fraction of a cent.
    returnOnInvestment: costOf(contacted) > 0 ? profitOf(contacted, predicted) / costOf(contacted) : null,
    breakEvenClv: finite(cents(reach.breakEvenClv)),
    breakEvenUplift: contacted > 0 ? finite(costOf(contacted) / (margin * predicted)) : null,
    profitableDepth: sum(({ profitable }) => profitable),
    breakEvenDepth: Math.max(0, ...cells.map((cell) => cell.breakEvenDepth ?? 0)),
    marginal: last
      ? {
          customerId: last.marginalId!,
          predicted: cents(last.marginalPredicted!),
          incrementalProfit: money(1, last.marginalPredicted!).incrementalProfit,
        }
      : null,
    curve: curveOf(cells, candidates, money),
  };
}

function curveOf(
  cells: readonly CampaignCell[],
  candidates: number,
  money: (depth: number, value: number) => Omit<CampaignPoint, 'depth' | 'share'>,
): CampaignPoint[] {
  let [depth, value] = [0, 0];
  return cells.map(({ customers, predicted }) => {
    depth += customers;
    value += predicted;
    return { depth, share: depth / candidates, ...money(depth, value) };
  });
}
