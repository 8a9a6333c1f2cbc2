import { describe, expect, it } from 'vitest';
import { sigmoid } from '../../../src/math.js';
import { featureDefinitions } from '../../../src/ml/features/feature-definitions.js';
import { zilnMean } from '../../../src/ml/model/ziln-distribution.js';
import type { Example } from '../../../src/ml/scoring/example.js';
import { loadTokenizer } from '../../../src/ml/text/load-tokenizer.js';
import { type LevelCorrection, noCorrection } from '../../../src/services/fine-tuning/level-correction.js';
import type { LoadedModel } from '../../../src/services/models/loaded-model.js';
import { modelInputOf, scoreCustomers, type ScoredCustomer } from '../../../src/services/scoring/customer-scoring.js';
import { CDNOW_PRIOR } from '../../ml/features/prior/shops.js';
import { rfmRow } from '../../support/rfm-row.js';

const learntDays = 90;
const row = rfmRow(
  { frequency: 2, recency: 150, age: 300, monetary: 40, firstValue: 35 },
  new Date('2026-01-01T00:00:00Z'),
);
const tokenizer = await loadTokenizer('test/fixtures/hugging-face/spelling');

/** Says the same of everybody, whatever it is told. */
const model = (level: Partial<LevelCorrection> = {}, priorOnly: LoadedModel['bundle']['priorOnly'] = null) =>
  ({
    version: {},
    spec: { objective: 'ZILN' },
    tokenizer,
    bundle: {
      scaler: { features: [], seasons: false },
      prior: CDNOW_PRIOR,
      scale: { valueScale: 50, residualSigma: 0.9, largestValue: 1e9 },
      maxTokens: 16,
      level: { ...noCorrection, horizonDays: learntDays, shortestDays: learntDays, ...level },
      priorOnly,
    },
    predictor: { predict: async () => [{ output: Float32Array.of(0.4, 0.1, 0.8), expectedValue: 1 }] },
  }) as unknown as LoadedModel;

async function score(asked: LoadedModel, horizonDays = learntDays, customer = row): Promise<ScoredCustomer> {
  const [scored] = await scoreCustomers(asked, [customer], { horizonDays });
  return scored!;
}

describe('a scored customer', () => {
  it('is the model’s, or the prior’s where that serves alone', async () => {
    expect(await score(model())).toMatchObject({ basis: 'MODEL', basisReason: null, logit: Math.fround(0.4) });
    const byPrior = await score(model({}, 'TRAINING_DID_NOT_HELP'));
    expect(byPrior).toMatchObject({ basis: 'PRIOR', basisReason: 'TRAINING_DID_NOT_HELP' });
    expect(byPrior.logit).not.toBe(Math.fround(0.4));
  });

  it('buys as often as before where the level of values was calibrated', async () => {
    const plain = await score(model());
    const { logit, expectedOrders } = await score(model({ calibration: 0.3 }));
    expect({ logit, expectedOrders }).toEqual({ logit: plain.logit, expectedOrders: plain.expectedOrders });
  });

  it('makes as many purchases, if any, whatever the model’s level over longer horizons', async () => {
    const [low, middle, high] = await Promise.all(
      [0.7, 1, 1.6].map(async (ratio) => {
        const { logit, expectedOrders } = await score(model({ ratio }), 2 * learntDays);
        return { buys: sigmoid(logit), ifAny: expectedOrders / sigmoid(logit) };
      }),
    );
    expect(low!.ifAny).toBeCloseTo(middle!.ifAny, 9);
    expect(high!.ifAny).toBeCloseTo(middle!.ifAny, 9);
    expect(high!.buys).not.toBeCloseTo(middle!.buys, 3);
  });

  it('makes no fewer purchases than the probability of one, also where hardly anybody buys twice', async () => {
    const once = model({}, 'TRAINING_DID_NOT_HELP');
    Object.assign(once.bundle, {
      prior: { ...CDNOW_PRIOR, r: 30, a: 50, b: 0.1 },
      // Half as many purchases.
      spread: { exponent: 0.5, pivot: 1, range: [4, 4], horizonDays: learntDays },
    });
    const newcomer = rfmRow({ frequency: 0, recency: 0, age: 300, monetary: 0, firstValue: 35 }, row.asOf);
    const { logit, expectedOrders } = await score(once, learntDays, newcomer);
    expect(sigmoid(logit)).toBeGreaterThan(0.9);
    expect(expectedOrders).toBeGreaterThanOrEqual(sigmoid(logit));
  });

  it('buys over a longer horizon no less probably than over the learnt one, also where that one’s level was high', async () => {
    const high = model({ ratio: 3 });
    const [learnt, longer] = [await score(high), await score(high, 3 * learntDays)];
    expect(sigmoid(longer.logit)).toBeCloseTo(sigmoid(learnt.logit), 9);
  });

  it('has the same prediction whoever is asked for with it, also where the level lowers the purchases of others alone', async () => {
    const steep = model({ ratio: 1.25 });
    const [ofLearnt] = modelInputOf(steep, row, learntDays).numeric;
    const predict = async (examples: readonly Example[]) =>
      examples.map(({ numeric }) => ({ output: Float32Array.of(numeric[0]! > ofLearnt! ? 0.2 : 0.4, 0.1, 0.8) }));
    Object.assign(steep, { predictor: { predict } });
    // The rate of one who declines steeply is carried on, by more than the level fades.
    const declining = rfmRow({ frequency: 12, recency: 40, age: 50, monetary: 40, firstValue: 35 }, row.asOf);
    const horizonDays = 2 * learntDays;
    const together = await scoreCustomers(steep, [row, declining], { horizonDays });
    expect([await score(steep, horizonDays), await score(steep, horizonDays, declining)]).toEqual(together);
  });

  it('is worth no more over a shorter horizon than over the learnt one, nor likelier to buy, whatever the network says', async () => {
    const steep = model({ shortestDays: 30 });
    const [ofLearnt] = modelInputOf(steep, row, learntDays).numeric;
    const predict = async ([example]: readonly Example[]) => [
      { output: example!.numeric[0]! < ofLearnt! ? Float32Array.of(1.5, 0.4, 0.8) : Float32Array.of(0.4, 0.1, 0.8) },
    ];
    Object.assign(steep, { predictor: { predict } });
    const learnt = await score(steep);
    for (const days of [30, 60]) {
      const shorter = await score(steep, days);
      expect(shorter.logit).toBeCloseTo(learnt.logit, 9);
      expect(shorter.expectedValue).toBeCloseTo(learnt.expectedValue, 9);
      expect(zilnMean(shorter)).toBeCloseTo(learnt.expectedValue, 9);
      expect(shorter.expectedOrders).toBeLessThanOrEqual(learnt.expectedOrders);
    }
    // Carried from the shortest horizon to a few days, it is far below.
    const week = await score(steep, 2);
    expect(week.expectedValue).toBeLessThan(learnt.expectedValue / 2);
  });

  it('has a hash that tells all that the model read, and what explanations tell', async () => {
    const hashOf = async (...asked: Parameters<typeof score>) => (await score(...asked)).featureHash;
    const plain = await hashOf(model());
    expect(await hashOf(model())).toBe(plain);
    const narrative = [{ group: 'basket' as const, text: 'red mug' }];
    expect(await hashOf(model(), learntDays, { ...row, narrative })).not.toBe(plain);
    expect(await hashOf(model(), learntDays + 1)).not.toBe(plain);
    expect(await hashOf(model({ calibration: 0.1 }))).not.toBe(plain);
    // A number that the model does not read, or not so large.
    const features = row.features.map((value, i) => (featureDefinitions[i]!.name === 'ticket_90' ? 2 : value));
    expect(await hashOf(model(), learntDays, { ...row, features })).not.toBe(plain);
  });
});
