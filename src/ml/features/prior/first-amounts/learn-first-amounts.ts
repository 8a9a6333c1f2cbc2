import { sum } from '../../../../math.js';
import { columnsOnClock, type TimedColumns } from '../clock/purchase-clock.js';
import { fitPrior, type PriorForm } from '../fit-prior.js';
import { columnsInPrices } from '../order-values/prices.js';
import { fitPurchasesNear, weekDays } from '../purchases/fit-purchases.js';
import type { PurchaseParameters } from '../purchases/purchase-model.js';
import { purchaseRowsOf } from '../purchases/purchase-rows.js';
import type { RfmColumns } from '../rfm-summary.js';
import { fewestCustomers, rowsByAmount } from './amount-groups.js';

/** A common amount is the first one of such a share of all customers. */
const leastShare = 0.005;
/** Customers who paid a little less, and a little more, that those of an amount are compared with: as many as these, but at least. */
const fewestNeighbours = 200;
/** Standard deviations beyond chance by which the amounts together must differ from their neighbours; else they tell nothing. */
const beyondChance = 3;
/** Numbers that tell how customers buy and leave. */
const parameters = 4;

interface Amount {
  readonly text: string;
  readonly rows: readonly number[];
  /** Those who paid a little less or more. */
  readonly neighbours: readonly number[];
}

/**
 * The first amounts that tell customers apart: where many pay exactly the same, and buy or leave otherwise than those who paid a little
 * less or more. Twice the gain in log-likelihood by parameters of their own has a chi-squared distribution where they do not (Wilks 1938).
 * @param columns customers as of `asOf`, in calendar days
 * @returns texts, none where amounts tell nothing beyond their size
 */
export function learnFirstAmounts(form: PriorForm, columns: RfmColumns, asOf: Date): string[] {
  const amounts = form.yearly ? [] : commonAmounts(columns.firstValue);
  if (amounts.length === 0) return [];
  const inPrices = columnsInPrices(form.prices, columns, asOf);
  const ofAll = fitPrior(inPrices, { form: { ...form, asOf }, meanOrderValue: 0 }).parameters;
  const timed = columnsOnClock(form, inPrices, asOf);
  const distance = sum(amounts.map((amount) => distanceOf(amount, ofAll, timed)));
  const freedom = parameters * amounts.length;
  return distance < freedom + beyondChance * Math.sqrt(2 * freedom) ? [] : amounts.map(({ text }) => text);
}

function commonAmounts(firstValue: Float64Array): Amount[] {
  const least = Math.max(fewestCustomers, leastShare * firstValue.length);
  const byAmount = [...rowsByAmount(firstValue)].sort(([, a], [, b]) => firstValue[a[0]!]! - firstValue[b[0]!]!);
  // Among those of one amount neighbours are drawn by lot.
  const order = byAmount.flatMap(([, rows]) => rows.toSorted((a, b) => lot(a) - lot(b)));
  let end = 0;
  return byAmount.flatMap(([text, rows]) => {
    const begin = end;
    end += rows.length;
    if (rows.length < least) return [];
    const around = Math.max(rows.length, fewestNeighbours);
    const neighbours = [...order.slice(Math.max(begin - around, 0), begin), ...order.slice(end, end + around)];
    return [{ text, rows, neighbours }];
  });
}

/** Any order but that of ids, which is one of time. */
const lot = (row: number): number => Math.imul(row, 0x9e3779b1) >>> 0;

/** Twice the log-likelihood that an amount's customers and their neighbours gain by parameters of their own. */
function distanceOf({ rows, neighbours }: Amount, ofAll: PurchaseParameters, columns: TimedColumns): number {
  const fitted = (some: readonly number[]) =>
    fitPurchasesNear(ofAll, purchaseRowsOf(columns, some, weekDays)).logLikelihood;
  return 2 * (fitted(rows) + fitted(neighbours) - fitted([...rows, ...neighbours]));
}
