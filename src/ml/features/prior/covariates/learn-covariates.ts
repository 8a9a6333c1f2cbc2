import type { NarrativeSpan } from '../../feature-group.js';
import { purchasesLogLikelihood, toPurchaseRows } from '../purchases/bg-nbd.js';
import { atPace, type CovariateEffect, type CovariateEffects, valueOf } from './covariate-effects.js';
import type { BtydPrior } from '../fit-prior.js';
import { priceScore } from '../order-values/order-values.js';
import type { TimedColumns } from '../clock/purchase-clock.js';
import { shrunkenEffects } from './shrunken-effects.js';

/** Of fewer the likelihood tells next to nothing. */
const fewestCustomers = 20;
/** Of one attribute, the most frequent ones: an id of each customer's own is none. */
const mostValues = 500;

interface Learnt {
  readonly attribute: string;
  readonly values: readonly { readonly text: string; readonly rows: Int32Array }[];
  pace: number[];
  price: number[];
}

/**
 * What each value of each attribute multiplies the rate and the amount of purchases by, at the prior's other parameters:
 * the mode of the likelihood times a normal distribution of the values' effects, whose variance their spread tells. One
 * attribute after the other, beside the effects of the others, twice.
 * @param columns on the prior's clock
 * @param narratives the customers' attributes, in the order of the columns
 */
export function learnCovariates(
  prior: BtydPrior,
  columns: TimedColumns,
  narratives: readonly (readonly NarrativeSpan[])[],
  attributes: readonly string[],
): CovariateEffects {
  const learnt = attributes.map((attribute) => valuesOf(attribute, narratives));
  for (let round = 0; round < Math.min(attributes.length, 2); round++) {
    for (const one of learnt) {
      const others = learnt.filter((other) => other !== one);
      const paceOfOthers = totals(others, 'pace', columns.age.length);
      const priceOfOthers = totals(others, 'price', columns.age.length);
      one.pace = shrunkenEffects(one.values.map(({ rows }) => paceScore(prior, columns, rows, paceOfOthers)));
      one.price = shrunkenEffects(one.values.map(({ rows }) => priceScoreOf(prior, columns, rows, priceOfOthers)));
    }
  }
  return Object.fromEntries(
    learnt.map(({ attribute, values, pace, price }) => [
      attribute,
      Object.fromEntries(values.map(({ text }, i) => [text, { pace: pace[i]!, price: price[i]! }])),
    ]),
  );
}

function valuesOf(attribute: string, narratives: readonly (readonly NarrativeSpan[])[]): Learnt {
  const rows = new Map<string, number[]>();
  for (const [row, narrative] of narratives.entries()) {
    const text = valueOf(narrative, attribute);
    const known = rows.get(text);
    if (known) known.push(row);
    else rows.set(text, [row]);
  }
  const values = [...rows]
    .filter(([, { length }]) => length >= fewestCustomers)
    .sort(([text, { length }], [otherText, other]) => other.length - length || (text < otherText ? -1 : 1))
    .slice(0, mostValues)
    .map(([text, ofText]) => ({ text, rows: Int32Array.from(ofText) }));
  const none = values.map(() => 0);
  return { attribute, values, pace: none, price: none };
}

/** Each customer's sum of effects. */
function totals(learnt: readonly Learnt[], effect: keyof CovariateEffect, customers: number): Float64Array {
  const total = new Float64Array(customers);
  for (const one of learnt) {
    for (const [i, { rows }] of one.values.entries()) for (const row of rows) total[row]! += one[effect][i]!;
  }
  return total;
}

/** Derivative of the log-likelihood of some customers' purchases by the log of what multiplies their rates. */
function paceScore(prior: BtydPrior, columns: TimedColumns, rows: Int32Array, others: Float64Array) {
  // Time that runs e^o times as fast is a rate e^o times as high.
  const inTheirTime = (days: Float64Array) => Float64Array.from(rows, (row) => days[row]! * Math.exp(others[row]!));
  const { stay } = columns;
  const purchases = toPurchaseRows(
    {
      frequency: Float64Array.from(rows, (row) => columns.frequency[row]!),
      recency: inTheirTime(columns.recency),
      age: inTheirTime(columns.age),
      ...(columns.wait && { wait: inTheirTime(columns.wait) }),
      ...(stay && { stay: Float64Array.from(rows, (row) => stay[row]!) }),
    },
    prior.timeUnitDays,
  );
  const gradient = new Float64Array(4);
  return (effect: number): number => {
    const own = atPace(prior, effect);
    purchasesLogLikelihood(own, purchases, gradient);
    return -own.alpha * gradient[1]! - (own.leavesWithTime ? own.b * gradient[3]! : 0);
  };
}

/** The same of their repeat order values, by the log of what multiplies those. */
function priceScoreOf(prior: BtydPrior, columns: TimedColumns, rows: Int32Array, others: Float64Array) {
  const inTheirMoney = (values: Float64Array) =>
    Float64Array.from(rows, (row) => values[row]! * Math.exp(-others[row]!));
  return priceScore(prior, {
    frequency: Float64Array.from(rows, (row) => columns.frequency[row]!),
    monetary: inTheirMoney(columns.monetary),
    firstValue: inTheirMoney(columns.firstValue),
  });
}
