import { columnsOnClock, firstDayOf } from '../clock/purchase-clock.js';
import { shrunkenEffects } from '../covariates/shrunken-effects.js';
import type { BtydPrior } from '../fit-prior.js';
import { priceScore } from '../order-values/order-values.js';
import { columnsInPrices } from '../order-values/prices.js';
import { fitPurchasesNear } from '../purchases/fit-purchases.js';
import { purchaseRowsOf } from '../purchases/purchase-rows.js';
import { type RfmColumns, rowsOf } from '../rfm-summary.js';
import { fewestCustomers, rowsByAmount } from './amount-groups.js';
import type { FirstAmounts } from './first-amounts.js';

/**
 * How customers of each of these first amounts buy and leave, and all others: their own maximum of the likelihood, weakly drawn to the
 * parameters of all, on the same clock. Their order values are so many times those of all, see `shrunkenEffects`.
 * @param prior of all customers
 * @param columns customers as of `asOf`, in calendar days
 * @param amounts texts; those of too few customers count as others
 * @returns null where all are others
 */
export function fitFirstAmounts(
  prior: BtydPrior,
  columns: RfmColumns,
  asOf: Date,
  amounts: readonly string[],
): FirstAmounts | null {
  const byAmount = rowsByAmount(columns.firstValue);
  const known = amounts.flatMap((text) => {
    const rows = byAmount.get(text) ?? [];
    return rows.length >= fewestCustomers ? [{ text, rows }] : [];
  });
  if (known.length === 0) return null;
  const told = new Set(known.flatMap(({ rows }) => rows));
  const others = Array.from(columns.age.keys()).filter((row) => !told.has(row));
  const timed = columnsOnClock(prior, columnsInPrices(prior.prices, columns, asOf), asOf);
  const groups = [others, ...known.map(({ rows }) => rows)];
  const prices = shrunkenEffects(groups.map((rows) => priceScore(prior, rowsOf(timed, rows))));
  const [ofOthers, ...ofKnown] = groups.map((rows, i) => {
    const purchases = purchaseRowsOf(timed, withoutNewcomers(prior, rows, columns, asOf), prior.timeUnitDays);
    const { r, alpha, a, b } = fitPurchasesNear(prior, purchases).parameters;
    return { r, alpha, a, b, price: prices[i]! };
  });
  return { byAmount: Object.fromEntries(known.map(({ text }, i) => [text, ofKnown[i]!])), others: ofOthers! };
}

/** Those newcomers of whom a share never buys again say nothing of the others. */
function withoutNewcomers(
  { newcomers }: BtydPrior,
  rows: readonly number[],
  { age }: RfmColumns,
  asOf: Date,
): readonly number[] {
  if (newcomers?.differ !== 'SHARE') return rows;
  return rows.filter((row) => firstDayOf(age[row]!, asOf) < newcomers.since);
}
