import { describe, expect, it } from 'vitest';
import { logit } from '../../../src/math.js';
import { amountsByGroup, type PriorComparison, sharesByGroup } from '../../../src/ml/explain/contributions.js';
import type { FeatureGroup } from '../../../src/ml/features/feature-group.js';
import { predictPrior } from '../../../src/ml/features/prior/predict-prior.js';
import type { RfmSummary } from '../../../src/ml/features/prior/rfm-summary.js';
import { tokenGroupNames } from '../../../src/ml/scoring/example.js';
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
    { prior, own: prior, typical, customer, horizonDays, asOf, valueShift },
  );

describe('amounts by what they are about', () => {
  const comparison = { prior, own: prior, typical, customer, horizonDays, asOf, valueShift: () => 0 };
  const group = (name: FeatureGroup) => tokenGroupNames.indexOf(name);
  const spend = { name: 'total_spend', label: '', group: 'spend' } as const;
  const returns = { name: 'return_rate', label: '', group: 'returns' } as const;
  const amounts = (ofPrior: readonly [number, number], of: PriorComparison = comparison) =>
    amountsByGroup(
      {
        baselineValue: 20,
        value: 40,
        tokens: Float64Array.of(100, 1, 2, 4),
        features: Float64Array.of(8, 16),
        prior: ofPrior,
        completenessError: 0,
        steps: 8,
      },
      {
        tokenIds: new Int32Array(4),
        tokenGroups: Uint8Array.of(0, group('country'), group('country'), group('returns')),
        numeric: new Float32Array(2),
        prior: [0, 0],
      },
      [spend, returns],
      of,
    );

  it('add up words and numbers of a group, without the words that are of none', () => {
    expect(Object.fromEntries(amounts([0, 0]))).toMatchObject({ country: 3, returns: 20, spend: 8 });
  });

  it('split what comes from the odds of a purchase by what the odds depend on, which is not what is spent', () => {
    const split = amounts([50, 0]);
    expect(split.get('spend')).toBeCloseTo(8, 9);
    const odds = (rfm: RfmSummary) => logit(predictPrior(prior, rfm, horizonDays, asOf).purchaseProbability);
    const shares = sharesByGroup(odds, comparison);
    const all = odds(customer) - odds(typical);
    expect([...shares.values()].reduce((sum, share) => sum + share, 0)).toBeCloseTo(all, 9);
    for (const each of ['frequency', 'recency', 'tenure'] as const) {
      expect(split.get(each)).toBeCloseTo((50 * shares.get(each)!) / all, 9);
    }
    // Who last bought when the typical customer did differs in how often, and since when.
    const silence = typical.age - typical.recency;
    const asLongAgo = { ...customer, recency: customer.age - silence };
    const recency = sharesByGroup(odds, { ...comparison, customer: asLongAgo });
    expect(recency.get('recency')).toBe(0);
    expect(recency.get('frequency')).not.toBe(0);
  });

  it('tell what attributes change for this customer, and leave the other shares in proportion', () => {
    const own = { ...prior, alpha: prior.alpha / 2, v: prior.v * 3 };
    const value = (rfm: RfmSummary, by = prior) =>
      Math.log(predictPrior(by, rfm, horizonDays, asOf).valueGivenPurchase);
    const change = value(customer, own) - value(customer);
    const all = value(customer, own) - value(typical);
    const split = amounts([0, all], { ...comparison, own });
    expect(split.get('covariates')).toBeCloseTo(change, 9);
    expect(split.get('frequency')).toBeCloseTo(sharesByGroup(value, comparison).get('frequency')!, 9);
    expect(amounts([0, all]).has('covariates')).toBe(false);
  });

  it('are none of a customer whose purchases are the typical one’s', () => {
    const same = amounts([50, 50], { ...comparison, customer: typical });
    expect(Object.fromEntries(same)).toEqual({ country: 3, returns: 20, spend: 8 });
  });
});

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
