import type { BtydPrior } from '../fit-prior.js';
import { dearer } from '../order-values/order-values.js';
import type { PurchaseParameters } from '../purchases/purchase-model.js';

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

/** To the cent, in currency. */
export const amountText = (firstValue: number): string => firstValue.toFixed(2);

/**
 * The prior of a customer with this first purchase day.
 * @param firstValue in currency, on the day when they bought
 * @returns the prior itself where amounts tell nothing
 */
export function priorOfAmount(prior: BtydPrior, firstValue: number): BtydPrior {
  const { firstAmounts, ...ofAll } = prior;
  if (!firstAmounts) return prior;
  const { price, ...purchases } = firstAmounts.byAmount[amountText(firstValue)] ?? firstAmounts.others;
  return dearer({ ...ofAll, ...purchases }, price);
}
