import { describe, expect, it } from 'vitest';
import { amountsByGroup } from '../../../src/ml/explain/contributions.js';
import { predictPrior } from '../../../src/ml/features/prior/predict-prior.js';
import type { RfmSummary } from '../../../src/ml/features/prior/rfm-summary.js';
import { CDNOW_PRIOR as prior } from '../features/prior/shops.js';

const asOf = new Date('2026-01-01T00:00:00Z');
const horizonDays = 180;
const typical = { frequency: 1, recency: 60, age: 200, monetary: 30, firstValue: 25 };
const customer = { frequency: 4, recency: 150, age: 260, monetary: 55, firstValue: 40 };
const logValue = (rfm: RfmSummary) => Math.log(predictPrior(prior, rfm, horizonDays, asOf).valueGivenPurchase);

/** What 12 of the prior's log value come from. */
const amountsWith = (valueShift: (rfm: RfmSummary) => number) =>
  amountsByGroup(
    {
      baselineValue: 20,
      value: 32,
      tokens: new Float64Array(),
      features: new Float64Array(),
      prior: [0, 12],
      completenessError: 0,
      steps: 8,
    },
    { tokenIds: new Int32Array(), tokenGroups: new Uint8Array(), numeric: new Float32Array(), prior: [0, 0] },
    [],
    { prior, typical, customer, horizonDays, asOf, valueShift },
  );

describe("amounts that come from the prior's value", () => {
  it('add up to it', () => {
    const amounts = amountsWith(() => 0);
    expect([...amounts.values()].reduce((sum, amount) => sum + amount, 0)).toBeCloseTo(12, 9);
    expect(amounts.get('spend')).toBeGreaterThan(0);
  });

  it('are split by what the value that the model was given depends on, its shift included', () => {
    // The shift takes out what the prior says, and puts the days since the first purchase in its place.
    const amounts = amountsWith((rfm) => 0.01 * rfm.age - logValue(rfm));
    expect(amounts.get('tenure')).toBeCloseTo(12, 6);
    for (const group of ['spend', 'frequency', 'recency'] as const) expect(amounts.get(group)).toBeCloseTo(0, 6);
  });
});
