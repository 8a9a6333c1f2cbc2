import type { NarrativeSpan } from '../../feature-group.js';
import { purchasesLogLikelihood } from '../purchases/purchase-model.js';
import { purchaseRowsOf } from '../purchases/purchase-rows.js';
import { type CovariateEffect, type CovariateEffects, valueOf } from './covariate-effects.js';
import type { BtydPrior } from '../fit-prior.js';
import { priceScore } from '../order-values/order-values.js';
import type { TimedColumns } from '../clock/purchase-clock.js';
import { inOwnTime } from './own-time.js';
import { shrunkenEffects } from './shrunken-effects.js';

/** Least number of customers with a value: the likelihood of fewer says next to nothing. */
const fewestCustomers = 20;
/** Most values of an attribute, the most frequent ones: an attribute that is an id of each customer has no effects. */
const mostValues = 500;

interface Learnt {
  readonly attribute: string;
  readonly values: readonly { readonly text: string; readonly rows: Int32Array }[];
  pace: number[];
  price: number[];
  leaving: number[];
}

/**
 * The effects of each value of each attribute on the rate of purchases, on order values and on the rate of leaving with time, the
 * prior's other parameters being given. An attribute's effects are normally distributed random effects, see `shrunkenEffects`. Each is
 * learnt given the others, one after the other, in two rounds.
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
  const { leavesWithTime } = prior;
  // The effects of one attribute on the rate of purchases and on order values do not depend on each other.
  const rounds = leavesWithTime || attributes.length > 1 ? 2 : 1;
  for (let round = 0; round < rounds; round++) {
    for (const one of learnt) {
      const others = learnt.filter((other) => other !== one);
      const of = (effect: keyof CovariateEffect, some = learnt) => totals(some, effect, columns.age.length);
      const priceOfOthers = of('price', others);
      const besidePace = inOwnTime(columns, { pace: of('pace', others), leaving: of('leaving') }, leavesWithTime);
      one.pace = shrunkenEffects(one.values.map(({ rows }) => rateScore(prior, besidePace, rows, 'alpha')));
      one.price = shrunkenEffects(one.values.map(({ rows }) => priceScoreOf(prior, columns, rows, priceOfOthers)));
      if (!leavesWithTime) continue;
      const besideLeaving = inOwnTime(columns, { pace: of('pace'), leaving: of('leaving', others) }, leavesWithTime);
      one.leaving = shrunkenEffects(one.values.map(({ rows }) => rateScore(prior, besideLeaving, rows, 'b')));
    }
  }
  return Object.fromEntries(
    learnt.map(({ attribute, values, pace, price, leaving }) => [
      attribute,
      Object.fromEntries(
        values.map(({ text }, i) => [
          text,
          { pace: pace[i]!, price: price[i]!, ...(leavesWithTime && { leaving: leaving[i]! }) },
        ]),
      ),
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
  return { attribute, values, pace: none, price: none, leaving: none };
}

/** Each customer's sum of one kind of effect over these attributes. */
function totals(learnt: readonly Learnt[], effect: keyof CovariateEffect, customers: number): Float64Array {
  const total = new Float64Array(customers);
  for (const one of learnt) {
    for (const [i, { rows }] of one.values.entries()) for (const row of rows) total[row]! += one[effect][i]!;
  }
  return total;
}

/**
 * Derivative of the log-likelihood of some customers' purchases by the log of what multiplies their rates.
 * @param of the parameter that the multiplier divides: `alpha` for rates of purchase, `b` for rates of leaving
 */
function rateScore(prior: BtydPrior, columns: TimedColumns, rows: Int32Array, of: 'alpha' | 'b') {
  const purchases = purchaseRowsOf(columns, rows, prior.timeUnitDays);
  const gradient = new Float64Array(4);
  return (effect: number): number => {
    const moved = prior[of] * Math.exp(-effect);
    purchasesLogLikelihood({ ...prior, [of]: moved }, purchases, gradient);
    return -moved * gradient[of === 'alpha' ? 1 : 3]!;
  };
}

/** Derivative of the log-likelihood of these customers' repeat order values by the log of what multiplies them. */
function priceScoreOf(prior: BtydPrior, columns: TimedColumns, rows: Int32Array, others: Float64Array) {
  const inTheirMoney = (values: Float64Array) =>
    Float64Array.from(rows, (row) => values[row]! * Math.exp(-others[row]!));
  return priceScore(prior, {
    frequency: Float64Array.from(rows, (row) => columns.frequency[row]!),
    monetary: inTheirMoney(columns.monetary),
    firstValue: inTheirMoney(columns.firstValue),
  });
}
