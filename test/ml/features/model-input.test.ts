import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { featureDefinitions } from '../../../src/ml/features/feature-definitions.js';
import type { FeatureRow } from '../../../src/ml/features/feature-row.js';
import {
  buildModelInput,
  isSameForAll,
  numericTokenNames,
  numericTokens,
  priorTokenValues,
} from '../../../src/ml/features/model-input.js';
import type { BtydPrior } from '../../../src/ml/features/prior/fit-prior.js';
import { predictPrior } from '../../../src/ml/features/prior/predict-prior.js';
import { fitScaler } from '../../../src/ml/features/scaler.js';
import { meanSeason } from '../../../src/ml/features/season.js';
import { sigmoid } from '../../../src/math.js';
import { CDNOW_PRIOR } from './prior/shops.js';

const asOf = new Date('2011-06-01');

const prior: BtydPrior = { ...CDNOW_PRIOR, firstWeight: 0.4 };

function row(values: Record<string, number | null>, asOf = '2024-07-01'): FeatureRow {
  const rfm = {
    repeat_days: 2,
    recency_span_days: 162,
    age_days: 182,
    repeat_mean_value: 45,
    first_occasion_value: 20,
  };
  const features = featureDefinitions.map(({ name }) => ({ ...rfm, ...values })[name] ?? null);
  return { customerId: '1', asOf: new Date(asOf), features, narrative: [{ group: 'recency', text: 'last bought.' }] };
}

const oneBuyer = { frequency: 2, recency: 162, age: 182, monetary: 45, firstValue: 20 };
const rows = [row({ total_spend: 10, review_stars: 5 }), row({ total_spend: 100 }), row({ total_spend: 1_000 })];
const scaler = fitScaler(rows, featureDefinitions, asOf);

describe('model input', () => {
  it('has one number a token: what varies, what can be missing, the horizon and the prior', () => {
    // review_stars has one known value: it does not vary, but whether there is one does.
    const names = [
      'total_spend',
      'review_stars_missing',
      'horizon_log_days',
      'prior_expected_orders',
      'prior_purchase_logit',
      'prior_alive',
    ];
    expect(numericTokenNames(scaler)).toEqual(names);
    const predicted = predictPrior(prior, oneBuyer, 365, asOf);
    const { numeric, prior: input } = buildModelInput({ row: rows[1]!, horizonDays: 365, scaler, prior });
    expect([...numeric]).toEqual([
      expect.closeTo(0, 1),
      1,
      expect.closeTo(Math.log(365 / 180), 6),
      expect.closeTo((Math.log(0.05 + predicted.expectedPurchases) + 1) / 1.5, 6),
      expect.closeTo(Math.min(Math.max(input[0] / 2, -5), 5), 6),
      expect.closeTo(2 * predicted.aliveProbability - 1, 6),
    ]);
    expect(buildModelInput({ row: rows[0]!, horizonDays: 365, scaler, prior }).numeric[1]).toBe(0);
  });

  it('has what attributes change in two numbers more, and in the prior', () => {
    const effect = { pace: Math.log(2), price: Math.log(0.5) };
    const covariates = { channel: { 'channel shop.': effect, 'channel email.': { pace: -1, price: 1 } } };
    const told = {
      ...rows[1]!,
      narrative: [{ group: 'covariates', text: 'channel shop.', attribute: 'channel' }] as const,
    };
    const reading = { ...scaler, covariates: true as const };
    const names = numericTokenNames(reading);
    const places = ['covariate_pace', 'covariate_price'].map((name) => names.indexOf(name));
    const input = buildModelInput({ row: told, horizonDays: 365, scaler: reading, prior: { ...prior, covariates } });
    expect(places.map((place) => input.numeric[place])).toEqual([Math.fround(effect.pace), Math.fround(effect.price)]);
    // All others are as they were.
    const plain = buildModelInput({ row: rows[1]!, horizonDays: 365, scaler, prior });
    expect([...input.numeric].filter((_, i) => !places.includes(i))).toEqual([...plain.numeric]);
    const own = { ...prior, alpha: prior.alpha / 2, v: prior.v / 2 };
    expect(input.prior).toEqual(buildModelInput({ row: rows[1]!, horizonDays: 365, scaler, prior: own }).prior);
    expect(numericTokens(reading)[places[0]!]!.group).toBe('covariates');
  });

  it('says what each token is about', () => {
    expect(numericTokens(scaler)[0]).toEqual({ name: 'total_spend', label: 'Total spend', group: 'spend' });
  });

  it('carries the prior as a logit and a log value whose product is the prior expectation', () => {
    for (const horizonDays of [7, 90, 365, 1_826]) {
      const { prior: input } = buildModelInput({ row: rows[0]!, horizonDays, scaler, prior });
      const predicted = predictPrior(prior, oneBuyer, horizonDays, asOf);
      expect(sigmoid(input[0]) * Math.exp(input[1])).toBeCloseTo(predicted.expectedValue, 6);
    }
  });

  it('bounds the odds of hopeless and of certain cases', () => {
    const token = (purchaseProbability: number) => {
      const values = priorTokenValues({ ...predictPrior(prior, oneBuyer, 365, asOf), purchaseProbability });
      return values.get('prior_purchase_logit');
    };
    expect([1e-9, 0.5, 1 - 1e-9].map(token)).toEqual([-5, 0, 5]);
  });

  it('adds the season of the target period where training saw every season', () => {
    const aYear = [
      row({ total_spend: 10, season_sin: 0.1 }, '2023-07-01'),
      row({ total_spend: 100, season_sin: 0.2 }, '2024-07-01'),
    ];
    const seasonal = fitScaler(aYear, featureDefinitions, new Date('2023-07-01'));
    const names = numericTokenNames(seasonal);
    const { numeric } = buildModelInput({ row: aYear[1]!, horizonDays: 30, scaler: seasonal, prior });
    expect(numeric).toHaveLength(names.length);
    expect(
      numericTokens(seasonal)
        .filter(isSameForAll)
        .map(({ name }) => name),
    ).toEqual(['season_sin', 'horizon_log_days', 'target_season_sin', 'target_season_cos']);
    expect(numeric[names.indexOf('target_season_sin')]).toBeCloseTo(meanSeason(new Date('2024-07-01'), 30)[0], 6);
  });
});

describe('mean season', () => {
  it('is the mean of the days in between', () => {
    for (const [asOf, horizon] of [['2024-03-05', 40] as const, ['2023-11-20', 200] as const]) {
      const start = (Date.parse(asOf) - Date.parse(`${asOf.slice(0, 4)}-01-01`)) / dayMs;
      const steps = 20_000;
      let sin = 0;
      let cos = 0;
      for (let k = 0; k < steps; k++) {
        const angle = (2 * Math.PI * (start + ((k + 0.5) / steps) * horizon)) / 365.25;
        sin += Math.sin(angle) / steps;
        cos += Math.cos(angle) / steps;
      }
      const [meanSin, meanCos] = meanSeason(new Date(asOf), horizon);
      expect(meanSin).toBeCloseTo(sin, 8);
      expect(meanCos).toBeCloseTo(cos, 8);
    }
  });

  it('is no season at all over a year', () => {
    for (const part of meanSeason(new Date('2024-05-05'), 365.25)) expect(part).toBeCloseTo(0, 9);
  });
});
