import type { BtydPrior } from '../fit-prior.js';
import { dearer } from '../order-values/order-values.js';
import type { PurchaseParameters } from '../purchases/purchase-model.js';
import type { RfmColumns } from '../rfm-summary.js';
import { amountText } from './amount-groups.js';

/** How some customers buy and leave, and the natural log of what their order values are times those of all. */
export interface AmountParameters extends Pick<PurchaseParameters, 'r' | 'alpha' | 'a' | 'b'> {
  readonly price: number;
}

/**
 * Customers told apart by the exact amount of their first purchase day, as subscribers or monthly donors are: by their texts, and all
 * others. Plain JSON.
 */
export interface FirstAmounts {
  readonly byAmount: Readonly<Record<string, AmountParameters>>;
  readonly others: AmountParameters;
}

/**
 * The prior of a customer with this first purchase day.
 * @param firstValue in currency, on the day when they bought
 * @returns the prior itself where amounts tell nothing
 */
export function priorOfAmount(prior: BtydPrior, firstValue: number): BtydPrior {
  const { firstAmounts, ...ofAll } = prior;
  if (!firstAmounts) return prior;
  const { price, ...purchases } = parametersOf(firstAmounts, firstValue);
  return dearer({ ...ofAll, ...purchases }, price);
}

/** Customers, by their indices, who share a prior. */
interface OfOnePrior {
  readonly own: BtydPrior;
  readonly rows: number[];
}

/** `priorOfAmount` of many customers. */
export function ownPriors(prior: BtydPrior, { firstValue }: Pick<RfmColumns, 'firstValue'>): Iterable<OfOnePrior> {
  const { firstAmounts } = prior;
  const groups = new Map<AmountParameters | undefined, OfOnePrior>();
  for (const [row, value] of firstValue.entries()) {
    const parameters = firstAmounts && parametersOf(firstAmounts, value);
    const group = groups.get(parameters);
    if (group) group.rows.push(row);
    else groups.set(parameters, { own: priorOfAmount(prior, value), rows: [row] });
  }
  return groups.values();
}

const parametersOf = ({ byAmount, others }: FirstAmounts, firstValue: number): AmountParameters =>
  byAmount[amountText(firstValue)] ?? others;
