import { describe, expect, it } from 'vitest';
import { buildModelInput, numericTokens } from '../../../src/ml/features/model-input.js';
import { dailyValue } from '../../../src/ml/features/prior/daily-value.js';
import type { RfmSummary } from '../../../src/ml/features/prior/rfm-summary.js';
import { rfmOf } from '../../../src/ml/features/rfm.js';
import { sigmoid } from '../../../src/math.js';
import { Random } from '../../../src/random.js';
import type { AttributionRequest } from '../../../src/ml/explain/attribution.js';
import { loadTokenizer } from '../../../src/ml/text/load-tokenizer.js';
import {
  attributionRequest,
  explainCustomers,
  highlights,
} from '../../../src/services/explanations/customer-explaining.js';
import { exampleOf, modelInputOf, scoreCustomers } from '../../../src/services/scoring/customer-scoring.js';
import { asOverLonger, scaled, withinBounds } from '../../../src/services/explanations/held-back.js';
import type { LoadedModel } from '../../../src/services/models/loaded-model.js';
import type { PriorModel } from '../../../src/services/predictions/prior-models.js';
import { type SpreadCorrection, spreadShift } from '../../../src/services/fine-tuning/spread-correction.js';
import { noCorrection } from '../../../src/services/fine-tuning/level-correction.js';
import type { Example } from '../../../src/ml/scoring/example.js';
import { weightsFormat } from '../../../src/services/models/serving-bundle.js';
import { CDNOW_PRIOR, randomCustomer } from '../../ml/features/prior/shops.js';
import { rfmRow } from '../../support/rfm-row.js';

const learntDays = 90;

/** The prior alone, because training had too little to learn from, but with a level that was looked at. */
const priorAlone = (largestValue: number, spread?: SpreadCorrection): PriorModel => ({
  version: null,
  fit: 'one',
  bundle: {
    ...(spread && { spread }),
    format: weightsFormat,
    scaler: { features: [], seasons: false },
    prior: CDNOW_PRIOR,
    scale: { valueScale: 50, residualSigma: 0.9, largestValue },
    maxTokens: 1,
    level: {
      calibration: 0,
      ratio: 1,
      horizonDays: learntDays,
      shortestDays: learntDays,
      today: [],
      outlook: [
        { days: learntDays, spent: 900, expected: 1_000, paced: 900 },
        { days: 8 * learntDays, spent: 5_000, expected: 7_000, paced: 7_200 },
      ],
    },
    typical: { numeric: [], rfm: { frequency: 2, recency: 150, age: 300, monetary: 40, firstValue: 35 } },
    activationRanges: null,
    priorOnly: 'INSUFFICIENT_HISTORY',
  },
});

const rowOf = (customer: RfmSummary) => rfmRow(customer, new Date('2026-01-01T00:00:00Z'));

describe('the typical customer that others are compared with', () => {
  it.each([30, 365, 1_095])('is told to the model as its history is, over %i days', (horizonDays) => {
    const { bundle } = priorAlone(1e9);
    const row = rowOf(bundle.typical.rfm);
    const { scaler, prior } = bundle;
    const { numeric, prior: told } = buildModelInput({ row, horizonDays, scaler, prior });
    // Medians of the held-out customers, over the learnt horizon.
    const typical = { ...bundle.typical, numeric: [0, 9, 9, 9] };
    const example = { tokenIds: new Int32Array(), tokenGroups: new Uint8Array(), numeric, prior: told };
    const model = { bundle: { ...bundle, typical } };
    const request = attributionRequest(model, example, horizonDays, row.asOf);
    expect(Float32Array.from(request.baselineNumeric)).toEqual(numeric);
  });

  it('who has surely left is told to the model as such a customer is: 1 in 1,000 buys again', async () => {
    const { bundle } = priorAlone(1e9);
    const typical = { ...bundle.typical, rfm: { frequency: 60, recency: 90, age: 600, monetary: 40, firstValue: 35 } };
    const row = rowOf(typical.rfm);
    const tokenizer = await loadTokenizer('models/base');
    const model = { bundle: { ...bundle, typical, maxTokens: 64 }, tokenizer };
    const input = modelInputOf(model, row, learntDays);
    const example = exampleOf(model, input);
    expect(input.prior[0]).toBeLessThan(-20);
    expect(sigmoid(example.prior[0])).toBeCloseTo(0.001, 12);
    const { baselinePrior } = attributionRequest(model, example, learntDays, row.asOf);
    expect(baselinePrior[0]).toBe(example.prior[0]);
    expect(baselinePrior[1]).toBeCloseTo(example.prior[1], 12);
  });

  it('shares the date and the horizon with the customer, but not how the customer has spent in that season before', () => {
    const scaled = { transform: 'identity', lower: -1, upper: 1, median: 0, mean: 0, std: 1, used: true } as const;
    const names = ['season_sin', 'season_cos', 'season_share'];
    const features = names.map((name) => ({ ...scaled, name, missingToken: name === 'season_share' }));
    const scaler = { features, seasons: true };
    const { bundle } = priorAlone(1e9);
    const tokens = numericTokens(scaler).map(({ name }) => name);
    const typical = { ...bundle.typical, numeric: tokens.map(() => 7) };
    const example = {
      tokenIds: new Int32Array(),
      tokenGroups: new Uint8Array(),
      numeric: Float32Array.from(tokens, () => 3),
      prior: [0, 0] as const,
    };
    const model = { bundle: { ...bundle, scaler, typical } };
    const { baselineNumeric } = attributionRequest(model, example, learntDays, new Date('2026-01-01'));
    const whose = (own: boolean) => tokens.filter((_, i) => baselineNumeric[i] === (own ? 3 : 7));
    expect(whose(true)).toEqual([
      'season_sin',
      'season_cos',
      'horizon_log_days',
      'target_season_sin',
      'target_season_cos',
    ]);
    expect(whose(false)).toEqual(['season_share', 'season_share_missing']);
  });
});

describe('an explanation of the prior alone', () => {
  const spread: SpreadCorrection = { exponent: 0.12, pivot: 0.2, range: [0.001, 2], horizonDays: learntDays };

  it.each<[horizonDays: number, largestValue: number, spread?: SpreadCorrection]>([
    [30, 1e9],
    [30, 1e9, spread],
    [365, 1e9, spread],
    [learntDays, 1e9],
    [180, 1e9],
    [365, 1e9],
    [1_095, 1e9],
    [365, 60],
  ])(
    'leaves nothing over %i days unexplained where no value is above %i',
    async (horizonDays, largestValue, corrected) => {
      const random = new Random(4);
      const rows = Array.from({ length: 40 }, () => rowOf(randomCustomer(random)));
      const model = priorAlone(largestValue, corrected);
      const scored = await scoreCustomers(model, rows, { horizonDays });
      const kept = { percentile: null, computedAt: new Date() };
      const customers = rows.map((row, i) => ({
        row,
        prediction: { ...scored[i]!, ...kept, purchaseProbability: sigmoid(scored[i]!.logit) },
      }));
      for (const { residual } of await explainCustomers(model, customers, horizonDays)) {
        expect(Math.abs(residual)).toBeLessThanOrEqual(0.03);
      }
    },
  );
});

describe('an explanation of a model’s value', () => {
  /** Says the same of everybody: 1,000 in currency, and 20 of the typical customer, all of it because of the prior's value. */
  const sure = async (largestValue: number): Promise<LoadedModel> => {
    const { bundle } = priorAlone(largestValue);
    const [value, baselineValue] = [1_000, 20].map((amount) => amount / bundle.scale.valueScale) as [number, number];
    const ziln = Float32Array.of(Math.log(3), Math.log(value / 0.75) - 0.5, 1);
    const attribution = { value, baselineValue, prior: [0, value - baselineValue], completenessError: 0, steps: 1 };
    return {
      version: {},
      spec: { objective: 'ZILN' },
      tokenizer: await loadTokenizer('test/fixtures/hugging-face/spelling'),
      bundle: { ...bundle, maxTokens: 16, priorOnly: null },
      predictor: { predict: async () => [{ output: ziln, expectedValue: value }] },
      attributor: () => ({
        attribute: async ([request]: readonly AttributionRequest[]) => [
          {
            ...attribution,
            tokens: new Float64Array(request!.example.tokenIds.length),
            features: new Float64Array(request!.example.numeric.length),
          },
        ],
      }),
    } as unknown as LoadedModel;
  };

  it.each([
    [10, 1e9],
    [learntDays, 1e9],
    [1_095, 1e9],
    [10, 300],
    [learntDays, 300],
    [1_095, 300],
  ])('leaves nothing over %i days unexplained where no value is above %i', async (horizonDays, largestValue) => {
    const row = rowOf({ frequency: 6, recency: 250, age: 300, monetary: 90, firstValue: 80 });
    const model = await sure(largestValue);
    const [scored] = await scoreCustomers(model, [row], { horizonDays });
    const prediction = { ...scored!, percentile: null, computedAt: new Date(), purchaseProbability: 0.75 };
    const [explanation] = await explainCustomers(model, [{ row, prediction }], horizonDays);
    expect(explanation!.predicted).toBeGreaterThan(1);
    expect(Math.abs(explanation!.residual)).toBeLessThanOrEqual(0.03);
  });

  it('leaves nothing unexplained where no more is expected than over a longer horizon', async () => {
    const row = rowOf({ frequency: 6, recency: 250, age: 300, monetary: 90, firstValue: 80 });
    const { bundle, ...certain } = await sure(1e9);
    const model = {
      ...certain,
      bundle: { ...bundle, level: { ...noCorrection, horizonDays: learntDays, shortestDays: 30 } },
    };
    const [ofLearnt] = modelInputOf(model, row, learntDays).numeric;
    const raw = (value: number) => ({ output: Float32Array.of(Math.log(3), Math.log(value / 50 / 0.75) - 0.5, 1) });
    const predict = async ([example]: readonly Example[]) => [raw(example!.numeric[0]! < ofLearnt! ? 1_000 : 600)];
    const steep = { ...model, predictor: { predict } } as unknown as LoadedModel;
    const [scored] = await scoreCustomers(steep, [row], { horizonDays: 60 });
    const prediction = { ...scored!, percentile: null, computedAt: new Date(), purchaseProbability: 0.75 };
    const [explanation] = await explainCustomers(steep, [{ row, prediction }], 60);
    expect(explanation!.predicted).toBeCloseTo(600, 1);
    expect(explanation!.baseline).toBe(20);
    expect(Math.abs(explanation!.residual)).toBeLessThanOrEqual(0.03);
  });

  it.each([1_000, 40])(
    'tells the reasons over the learnt horizon where that holds a customer below the typical one, who has %i over this one',
    async (own) => {
      const row = rowOf({ frequency: 6, recency: 250, age: 300, monetary: 90, firstValue: 80 });
      const { bundle, ...certain } = await sure(1e9);
      const level = { ...noCorrection, horizonDays: learntDays, shortestDays: 30 };
      const model = { ...certain, bundle: { ...bundle, level } };
      const [ofLearnt] = modelInputOf(model, row, learntDays).numeric;
      const isShort = ({ numeric }: Example) => numeric[0]! < ofLearnt!;
      const raw = (value: number) => ({ output: Float32Array.of(Math.log(3), Math.log(value / 50 / 0.75) - 0.5, 1) });
      const predict = async ([example]: readonly Example[]) => [raw(isShort(example!) ? own : 10)];
      /** Of 50 and 60 that the typical customer has. */
      const attribute = async ([{ example }]: readonly [AttributionRequest]) => {
        const [value, baselineValue] = (isShort(example) ? [own, 50] : [10, 60]).map((amount) => amount / 50) as [
          number,
          number,
        ];
        return [
          {
            value,
            baselineValue,
            prior: [0, value - baselineValue],
            tokens: new Float64Array(example.tokenIds.length),
            features: new Float64Array(example.numeric.length),
            completenessError: 0,
            steps: 1,
          },
        ];
      };
      const steep = { ...model, predictor: { predict }, attributor: () => ({ attribute }) } as unknown as LoadedModel;
      const [scored] = await scoreCustomers(steep, [row], { horizonDays: 60 });
      const prediction = { ...scored!, percentile: null, computedAt: new Date(), purchaseProbability: 0.75 };
      const [explanation] = await explainCustomers(steep, [{ row, prediction }], 60);
      expect(explanation).toMatchObject({ predicted: 10, baseline: 50, horizonDays: 60 });
      expect(Math.abs(explanation!.residual)).toBeLessThanOrEqual(0.03);
    },
  );
});

describe('a corrected spread', () => {
  it.each([30, 365])(
    'moves what is expected over %i days, by as many purchases, where a day over the learnt horizon says',
    async (horizonDays) => {
      const random = new Random(5);
      const rows = Array.from({ length: 40 }, () => rowOf(randomCustomer(random)));
      const spread: SpreadCorrection = { exponent: 0.12, pivot: 0.2, range: [0.001, 2], horizonDays: learntDays };
      const [plain, moved] = await Promise.all(
        [priorAlone(1e9), priorAlone(1e9, spread)].map((model) => scoreCustomers(model, rows, { horizonDays })),
      );
      for (const [i, row] of rows.entries()) {
        const shift = spreadShift(spread, dailyValue(CDNOW_PRIOR, rfmOf(row.features), learntDays, row.asOf));
        expect(Math.log(moved![i]!.expectedValue / plain![i]!.expectedValue)).toBeCloseTo(shift, 9);
        // Of somebody certain to buy, or not to, nothing is left to move.
        expect((moved![i]!.logit - plain![i]!.logit) * shift).toBeGreaterThanOrEqual(0);
        expect((moved![i]!.expectedOrders - plain![i]!.expectedOrders) * shift).toBeGreaterThan(0);
      }
    },
  );
});

describe('what bounds hold back', () => {
  it('they hold back of every reason alike', () => {
    // The typical customer of a regression is below nothing, and the customer beyond what is credible.
    const { baseline, share } = withinBounds({ own: 900, typical: -100 }, 500);
    expect(baseline).toBe(0);
    const amounts = scaled(new Map(Object.entries({ spend: 1_200, recency: -200 })), share);
    expect([...amounts.values()]).toEqual([600, -100]);
  });

  it('is nothing within them, and everything where both are beyond one', () => {
    expect(withinBounds({ own: 120, typical: 80 }, 500)).toEqual({ own: 120, baseline: 80, share: 1 });
    expect(withinBounds({ own: 80, typical: 80 }, 500)).toEqual({ own: 80, baseline: 80, share: 1 });
    expect(withinBounds({ own: -7, typical: -3 }, 500).share).toBeCloseTo(0, 12);
  });

  it('of one customer alone is never more than there is, and turns no reason round', () => {
    expect(withinBounds({ own: 120, typical: 80 }, 500, 100)).toEqual({ own: 100, baseline: 80, share: 0.5 });
    expect(withinBounds({ own: 120, typical: 80 }, 500, 60)).toEqual({ own: 60, baseline: 80, share: 0 });
    expect(withinBounds({ own: 79, typical: 80 }, 500, 60)).toEqual({ own: 60, baseline: 80, share: 1 });
  });

  it('has the reasons over a longer horizon, scaled to the difference over this one, unless they point the other way', () => {
    const told = { contributions: [], tokens: [], narrative: [], completenessError: 0, horizonDays: 30 };
    const content = { ...told, predicted: 10, baseline: 50, residual: -40 };
    const reason = { group: 'recency', label: 'Last purchase', value: '90 days ago' } as const;
    const token = { token: 'mug', group: 'basket' } as const;
    const over = (baseline: number) => ({
      ...content,
      horizonDays: 90,
      baseline,
      contributions: [{ ...reason, amount: 10 - baseline }],
      tokens: [{ ...token, amount: -6 }],
    });
    const scaledDown = {
      contributions: [{ ...reason, amount: -40 }],
      tokens: [{ ...token, amount: -4.8 }],
      residual: 0,
    };
    expect(asOverLonger(content, over(60))).toEqual({ ...content, ...scaledDown });
    expect(asOverLonger(content, over(40))).toMatchObject({ contributions: [{ amount: -30 }], residual: -10 });
    for (const baseline of [5, 10]) expect(asOverLonger(content, over(baseline))).toBe(content);
  });
});

describe('the words of a narrative', () => {
  const narrative = [
    { group: 'basket' as const, text: 'red mug, größer' },
    { group: 'country' as const, text: 'Ελλάδα' },
  ];

  it.each(['', '-gpt2', '-roberta', '-unigram'])('are told as BERT writes them: spelling%s', async (name) => {
    const tokenizer = await loadTokenizer(`test/fixtures/hugging-face/spelling${name}`);
    const bundle = { ...priorAlone(1e9).bundle, maxTokens: 64 };
    const tokens = new Float64Array(64).fill(0.01);
    const told = highlights({ bundle, tokenizer }, { narrative }, { tokens }, 2);
    const text = told.map(({ token }) => (token.startsWith('##') ? token.slice(2) : ` ${token}`)).join('');
    // BERT's are in lower case, without accents, and have punctuation apart.
    expect(text).toBe(name === '' ? ' red mug , großer ελλαδα' : ' red mug, größer Ελλάδα');
    expect(told.map(({ group }) => group)).toEqual(expect.arrayContaining(['basket', 'country']));
    expect(new Set(told.map(({ amount }) => amount))).toEqual(new Set([1]));
  });
});
