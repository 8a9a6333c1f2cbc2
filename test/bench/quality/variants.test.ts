import { expect, it } from 'vitest';
import { oursOrOnBase, sameForEverybody } from '../../../bench/quality/variants.js';
import type { BtydPrior } from '../../../src/ml/features/prior/fit-prior.js';
import { predictPrior } from '../../../src/ml/features/prior/predict-prior.js';

const prior: BtydPrior = {
  r: 0.25,
  alpha: 4.8,
  a: 0.7,
  b: 2.2,
  p: 6.25,
  q: 3.74,
  v: 15.4,
  firstWeight: 0.5,
  timeUnitDays: 7,
  season: null,
  pace: null,
  earlyGain: 0,
  leavesAtFirst: false,
};
const asOf = new Date('1997-10-01');

const newcomers = { since: 10_000, differ: 'SHARE', ratios: [0.5] } as const;

it.each<[string, BtydPrior]>([
  ['plain', prior],
  ['with earlier customers and newcomers', { ...prior, earlier: { since: 9_800, length: 100 }, newcomers }],
  [
    'with log-normal order values',
    { ...prior, logNormal: { typical: 40, level: 1, between: 0.3, within: 0.3, firstWeight: 0.5 } },
  ],
])('a prior without knowledge, %s, says the same of a faithful and of a lost customer, for each horizon', (_, of) => {
  const constant = sameForEverybody(of);
  const faithful = { frequency: 20, recency: 260, age: 270, monetary: 120, firstValue: 90 };
  const lost = { frequency: 1, recency: 7, age: 270, monetary: 9, firstValue: 4 };
  for (const horizonDays of [90, 273]) {
    const [one, other] = [faithful, lost].map((customer) => predictPrior(constant, customer, horizonDays, asOf));
    for (const field of ['purchaseProbability', 'aliveProbability', 'expectedValue', 'valueGivenPurchase'] as const) {
      expect(one![field] / other![field]).toBeCloseTo(1, 3);
    }
    // Purchases come at r / alpha a week, each worth p v / (q - 1).
    const purchases = ((0.25 / 4.8) * horizonDays) / 7;
    expect(one!.expectedPurchases / purchases).toBeCloseTo(1, 3);
    expect(one!.purchaseProbability).toBeCloseTo(1 - Math.exp(-purchases), 4);
    expect(one!.expectedOrderValue / ((6.25 * 15.4) / 2.74)).toBeCloseTo(1, 3);
  }
});

it('a model on another base has a name of its own, so that ours is always the product with its defaults', async () => {
  expect(oursOrOnBase({})).toEqual({ name: 'ours' });
  const minilm = oursOrOnBase({ name: 'minilm-lora', base: 'minilm', strategy: 'LORA' });
  expect(minilm.name).toBe('minilm-lora');
  expect(await minilm.settings?.()).toEqual({ base: 'minilm', strategy: 'LORA' });
  for (const asked of [{ strategy: 'LORA' }, { base: 'minilm' }, { name: 'minilm' }] as const) {
    expect(() => oursOrOnBase(asked)).toThrow('go together');
  }
  for (const name of ['ours', 'mse']) expect(() => oursOrOnBase({ name, base: 'minilm' })).toThrow('another kind');
});
