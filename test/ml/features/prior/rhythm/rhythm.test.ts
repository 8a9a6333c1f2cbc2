import { describe, expect, it } from 'vitest';
import { silenceOverChance } from '../../../../../src/ml/features/prior/rhythm/gap-shapes.js';
import { buysRegularly, learnRhythm, regularShare } from '../../../../../src/ml/features/prior/rhythm/learn-rhythm.js';
import { aliveByRhythm, type Rhythm } from '../../../../../src/ml/features/prior/rhythm/rhythm.js';
import { predictPrior, predictPriorBatch } from '../../../../../src/ml/features/prior/predict-prior.js';
import { type RfmSummary, toRfmColumns } from '../../../../../src/ml/features/prior/rfm-summary.js';
import { Random } from '../../../../../src/random.js';
import { CDNOW_PRIOR, plainForm } from '../shops.js';

/** As of a random day after ten purchases at gaps of this shape. */
function customer(shape: number, random: Random): RfmSummary {
  const gaps = Array.from({ length: 9 }, () => Math.max(1, Math.round(random.gamma(shape, shape / 30))));
  const recency = gaps.reduce((total, gap) => total + gap, 0);
  const mean = recency / gaps.length;
  const deviation = Math.sqrt(gaps.reduce((total, gap) => total + (gap - mean) ** 2, 0) / (gaps.length - 1));
  return {
    frequency: gaps.length,
    recency,
    age: recency + random.integer(60),
    monetary: 10,
    firstValue: 10,
    gapVariation: deviation / mean,
  };
}

function shop(regular: number, byChance: number, shapeOfChance = 1) {
  const random = new Random('rhythm');
  const customers = (count: number, shape: number) => Array.from({ length: count }, () => customer(shape, random));
  return toRfmColumns([...customers(regular, 40), ...customers(byChance, shapeOfChance)]);
}

/** Ten purchases, every 30 days. */
const monthly: RfmSummary = { frequency: 9, recency: 270, age: 270, monetary: 10, firstValue: 10, gapVariation: 0.1 };
const silentFor = (days: number, gapVariation = 0.1): RfmSummary => ({
  ...monthly,
  age: monthly.recency + days,
  gapVariation,
});
const half: Rhythm = [0.5, 0, 0, 0, 0, 0.5, 0, 0];

describe('the rhythm of customers', () => {
  it('is how common regular gaps are among those who tell', () => {
    expect(regularShare(learnRhythm(shop(300, 700))!)).toBeCloseTo(0.3, 1);
    expect(buysRegularly(shop(300, 700))).toBe(true);
  });

  it('is none where gaps come by chance or are slightly regular, or too few tell', () => {
    expect(buysRegularly(shop(0, 1_000))).toBe(false);
    expect(buysRegularly(shop(0, 1_000, 2))).toBe(false);
    expect(buysRegularly(shop(50, 950))).toBe(false);
    expect(learnRhythm(shop(99, 0))).toBeUndefined();
    expect(learnRhythm(shop(100, 0))).toBeDefined();
  });

  it('compares silence with gaps as often as they are longer', () => {
    const random = new Random('silence');
    const draws = 40_000;
    for (const [shape, silence] of [
      [8, 40],
      [16, 25],
      [2, 60],
    ] as const) {
      // After four gaps: how often is the next one a larger part of their sum than the silence of 120 days of gaps?
      const longer = (of: number) => {
        let count = 0;
        for (let i = 0; i < draws; i++) {
          let total = 0;
          for (let k = 0; k < 4; k++) total += random.gamma(of, of);
          if (random.gamma(of, of) / total > silence / 120) count++;
        }
        return count / draws;
      };
      const expected = silenceOverChance(shape, 4, 120, 120 + silence);
      expect(longer(shape) / longer(1) / expected).toBeGreaterThan(0.9);
      expect(longer(shape) / longer(1) / expected).toBeLessThan(1.1);
    }
    expect(silenceOverChance(1, 4, 120, 200)).toBeCloseTo(1, 10);
    expect(silenceOverChance(64, 4, 120, 120)).toBe(1);
  });

  it('tells that who has missed two purchases has left, and who is not yet due has not', () => {
    expect(aliveByRhythm(half, silentFor(25), 0.8)).toBeGreaterThan(0.85);
    expect(aliveByRhythm(half, silentFor(95), 0.8)).toBeLessThan(0.5);
    expect(aliveByRhythm(half, silentFor(95), 0.8)).toBeGreaterThan(0.05);
    // Whose own gaps were of any length has missed nothing.
    expect(aliveByRhythm(half, silentFor(95, 1), 0.8)).toBeCloseTo(0.8, 6);
  });

  it('changes nothing where a shop has none, and for who has fewer than three gaps', () => {
    expect(aliveByRhythm(undefined, silentFor(95), 0.8)).toBe(0.8);
    expect(aliveByRhythm(half, { ...silentFor(95), frequency: 2 }, 0.8)).toBe(0.8);
    const { gapVariation: _, ...unknown } = silentFor(95);
    expect(aliveByRhythm(half, unknown, 0.8)).toBe(0.8);
    const { asOf } = plainForm;
    expect(predictPrior(CDNOW_PRIOR, silentFor(95), 90, asOf)).toEqual(predictPrior(CDNOW_PRIOR, unknown, 90, asOf));
  });

  it('moves what the prior expects, of one customer as of many', () => {
    const { asOf } = plainForm;
    const prior = { ...CDNOW_PRIOR, rhythm: half };
    const customers = [silentFor(10), silentFor(95), silentFor(95, 1), { ...monthly, frequency: 0, recency: 0 }];
    const columns = predictPriorBatch(prior, toRfmColumns(customers), 90, asOf);
    customers.forEach((each, i) => {
      const one = predictPrior(prior, each, 90, asOf);
      expect(columns.expectedValue[i]).toBeCloseTo(one.expectedValue, 10);
      expect(columns.purchaseProbability[i]).toBeCloseTo(one.purchaseProbability, 10);
    });
    const byChance = predictPriorBatch(CDNOW_PRIOR, toRfmColumns(customers), 90, asOf);
    expect(columns.expectedPurchases[1]).toBeLessThan(0.5 * byChance.expectedPurchases[1]!);
    expect(columns.expectedPurchases[2]).toBeCloseTo(byChance.expectedPurchases[2]!, 5);
  });
});
