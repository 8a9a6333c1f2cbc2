import { describe, expect, it } from 'vitest';
import { purchasesLogLikelihood } from '../../../../../src/ml/features/prior/purchases/purchase-model.js';
import { toPurchaseRows } from '../../../../../src/ml/features/prior/purchases/purchase-rows.js';
import { expectedRates } from '../../../../../src/ml/features/prior/purchases/expected-rates.js';
import { Random } from '../../../../../src/random.js';
import { CDNOW_PRIOR, simulateShop } from '../shops.js';

describe('expected rates', () => {
  const columns = simulateShop({ ...CDNOW_PRIOR, r: 0.8 }, 300, 400, new Random('rates'));
  const wait = columns.age.map((age) => 400 - age);

  /** Time that runs c times as fast makes purchases c times as likely wherever a customer is there, and their absence less. */
  function slopeOfTime(parameters: typeof CDNOW_PRIOR): number {
    const scaled = (c: number) => {
      const timed = {
        ...columns,
        wait,
        age: columns.age.map((t) => c * t),
        recency: columns.recency.map((t) => c * t),
      };
      return purchasesLogLikelihood(parameters, toPurchaseRows(timed, 7), new Float64Array(4));
    };
    return (scaled(Math.exp(1e-5)) - scaled(Math.exp(-1e-5))) / 2e-5;
  }

  it.each([
    ['all came since', {}],
    ['they may leave at first', { leavesAtFirst: true }],
    ['some had come before', { earlier: { since: 0, length: 60 } }],
    ['some had, and may leave at first', { earlier: { since: 0, length: 60 }, leavesAtFirst: true }],
  ])('are the slope of the likelihood by time: %s', (_, kind) => {
    const parameters = { ...CDNOW_PRIOR, r: 0.8, ...kind };
    const { untilNow, untilLast } = expectedRates(parameters, { ...columns, wait });
    const expected = columns.age.reduce(
      (sum, age, i) => sum + untilNow[i]! * age + untilLast[i]! * columns.recency[i]!,
      0,
    );
    expect(-slopeOfTime(parameters) / expected).toBeCloseTo(1, 5);
  });
});
