import { describe, expect, it } from 'vitest';
import { ownPrior, withoutValue } from '../../../../../src/ml/features/prior/covariates/covariate-effects.js';
import type { BtydPrior } from '../../../../../src/ml/features/prior/fit-prior.js';
import { fitWithCovariates } from '../../../../../src/ml/features/prior/covariates/fit-with-covariates.js';
import { learnOrderValues } from '../../../../../src/ml/features/prior/order-values/learn-order-values.js';
import { expectedOrderValue } from '../../../../../src/ml/features/prior/order-values/order-values.js';
import { predictPrior } from '../../../../../src/ml/features/prior/predict-prior.js';
import type { RfmColumns } from '../../../../../src/ml/features/prior/rfm-summary.js';
import { mean } from '../../../../../src/math.js';
import { Random } from '../../../../../src/random.js';
import { CDNOW_PRIOR, plainForm, simulateShop } from '../shops.js';

const asOf = new Date('2024-07-01');
const options = {
  meanOrderValue: 30,
  form: { ...plainForm, asOf },
};
const shop: BtydPrior = { ...CDNOW_PRIOR, r: 1.2, alpha: 30, a: 1, b: 9, p: 3, q: 4, v: 30 };
const span = (attribute: string, text: string) => ({ group: 'covariates' as const, text, attribute });

/** What a channel multiplies. */
type Factors = readonly [pace: number, price: number, leaving?: number];

/** Customers of channels of a shop. */
function ofChannels(channels: Readonly<Record<string, Factors>>, customers: number, of = shop) {
  const random = new Random(3);
  const parts = Object.values(channels).map(([pace, price, leaving = 1]) =>
    simulateShop({ ...of, alpha: of.alpha / pace, b: of.b / leaving, v: of.v * price }, customers, 700, random),
  );
  const joined = (name: Exclude<keyof RfmColumns, 'gapVariation'>) =>
    Float64Array.from(parts.flatMap((part) => [...part[name]]));
  const columns: RfmColumns = {
    frequency: joined('frequency'),
    recency: joined('recency'),
    age: joined('age'),
    monetary: joined('monetary'),
    firstValue: joined('firstValue'),
  };
  const spans = Object.keys(channels).flatMap((text) =>
    Array.from({ length: customers }, () => (text === withoutValue ? [] : [span('channel', text)])),
  );
  return { columns, spans };
}

describe('what attributes change', () => {
  const channels = { 'email.': [2, 1], 'shop.': [1, 2], [withoutValue]: [0.5, 0.5] } as const;
  const { columns, spans } = ofChannels(channels, 3_000);
  const { parameters } = fitWithCovariates(columns, { names: ['channel'], spans }, options);
  const effects = parameters.covariates!['channel']!;

  it('is found in the histories of those who have each value, or none', () => {
    const between = (one: string, other: string) => ({
      pace: Math.exp(effects[one]!.pace - effects[other]!.pace),
      price: Math.exp(effects[one]!.price - effects[other]!.price),
    });
    expect(between('email.', withoutValue).pace).toBeGreaterThan(3);
    expect(between('email.', withoutValue).pace).toBeLessThan(5);
    expect(between('email.', 'shop.').pace).toBeCloseTo(2, 0);
    expect(between('shop.', 'email.').price).toBeCloseTo(2, 0);
    expect(between('shop.', withoutValue).price).toBeGreaterThan(3);
    expect(between('shop.', withoutValue).price).toBeLessThan(5);
  });

  it('makes a prior of the customer’s own, nearly that of customers like them', () => {
    const newcomer = { frequency: 0, recency: 0, age: 10, monetary: 0, firstValue: 30 };
    for (const [text, [pace, price]] of Object.entries(channels)) {
      const narrative = text === withoutValue ? [] : [span('channel', text)];
      const own = predictPrior(ownPrior(parameters, narrative), newcomer, 365, asOf).expectedValue;
      const like = { ...shop, alpha: shop.alpha / pace, v: shop.v * price };
      const truth = predictPrior(like, newcomer, 365, asOf).expectedValue;
      expect(own / truth).toBeGreaterThan(0.85);
      expect(own / truth).toBeLessThan(1.15);
    }
  });

  it('is nothing for a value that was not there', () => {
    expect(ownPrior(parameters, [span('channel', 'radio.')])).toBe(parameters);
    expect(ownPrior(shop, [span('channel', 'email.')])).toBe(shop);
  });

  it('is not told of a value that fewer than twenty customers have', () => {
    const told = spans.map((own, i) =>
      i < 19 ? [span('channel', 'rare.')] : i < 39 ? [span('channel', 'known.')] : own,
    );
    const fit = fitWithCovariates(columns, { names: ['channel'], spans: told }, options);
    expect(Object.keys(fit.parameters.covariates!['channel']!)).toEqual(expect.arrayContaining(['email.', 'known.']));
    expect(fit.parameters.covariates!['channel']).not.toHaveProperty(['rare.']);
  });

  it('is nothing where values are drawn by lot, few or many', () => {
    const random = new Random(8);
    for (const values of [4, 300]) {
      const lots = spans.map(() => [span('lot', `lot ${random.integer(values)}.`)]);
      const fit = fitWithCovariates(columns, { names: ['lot'], spans: lots }, options);
      for (const { pace, price } of Object.values(fit.parameters.covariates!['lot']!)) {
        expect(Math.abs(pace)).toBeLessThan(0.05);
        expect(Math.abs(price)).toBeLessThan(0.05);
      }
    }
  });

  it('is told apart where two attributes go together', () => {
    const random = new Random(9);
    // Of itself `plan` does nothing, but most of one channel have the same one.
    const both = spans.map((narrative, i) => [
      ...narrative,
      span('plan', random.uniform() < 0.9 ? `plan ${Math.floor(i / 3_000)}.` : `plan ${random.integer(3)}.`),
    ]);
    const { covariates } = fitWithCovariates(columns, { names: ['channel', 'plan'], spans: both }, options).parameters;
    const range = (attribute: string) => {
      const paces = Object.values(covariates![attribute]!).map(({ pace }) => pace);
      return Math.max(...paces) - Math.min(...paces);
    };
    expect(range('channel') + range('plan')).toBeGreaterThan(Math.log(3));
    expect(range('plan')).toBeLessThan(range('channel'));
  });

  it('is found beside first purchases of another kind, which tell of later ones up to a limit', () => {
    const random = new Random('gifts');
    const prices = { 'us.': 1, 'in.': 0.3, 'jp.': 2.5 };
    const countries = Object.keys(prices).flatMap((text) => Array.from({ length: 2_000 }, () => text));
    const usual = countries.map((text) => prices[text as keyof typeof prices] * 40 * Math.exp(0.7 * random.normal()));
    const frequency = Float64Array.from(usual, () => random.poisson(random.exponential(0.5)));
    const later = (own: number, x: number) => (x === 0 ? 0 : own * Math.exp((0.25 * random.normal()) / Math.sqrt(x)));
    const gifts: RfmColumns = {
      frequency,
      recency: frequency.map((x) => (x > 0 ? 200 : 0)),
      age: frequency.map(() => 400),
      monetary: Float64Array.from(usual, (own, i) => later(own, frequency[i]!)),
      firstValue: Float64Array.from(usual, (own, i) => (i % 20 === 0 ? 8 * own : own)),
    };
    const orderValues = learnOrderValues(gifts);
    expect(orderValues.firstValueLimit).toBeGreaterThan(0);
    const told = countries.map((text) => [span('country', text)]);
    const form = { ...options.form, ...orderValues };
    const { parameters: prior } = fitWithCovariates(gifts, { names: ['country'], spans: told }, { ...options, form });
    for (const country of Object.keys(prices)) {
      const own = ownPrior(prior, [span('country', country)]);
      const ofCountry = Array.from(usual.keys()).filter((i) => countries[i] === country);
      const expected = ofCountry.map((i) =>
        expectedOrderValue(own, frequency[i]!, gifts.monetary[i]!, gifts.firstValue[i]!),
      );
      const ratio = mean(expected) / mean(ofCountry.map((i) => usual[i]!));
      expect(ratio).toBeGreaterThan(0.9);
      expect(ratio).toBeLessThan(1.15);
    }
  });

  it('is how often they buy and how soon they leave, each by itself, where customers leave with time', () => {
    const withTime = { ...shop, a: 2, b: 25, alpha: 6, leavesWithTime: true };
    for (const leaving of [1, 0.25, 2]) {
      const { columns: seen, spans: told } = ofChannels(
        { 'email.': [0.25, 1, leaving], 'shop.': [1, 1] },
        2_000,
        withTime,
      );
      const form = { ...options.form, leavesWithTime: true };
      const fit = fitWithCovariates(seen, { names: ['channel'], spans: told }, { ...options, form });
      const [email, other] = ['email.', 'shop.'].map((text) => fit.parameters.covariates!['channel']![text]!);
      expect(Math.exp(email!.pace - other!.pace) / 0.25).toBeGreaterThan(0.75);
      expect(Math.exp(email!.pace - other!.pace) / 0.25).toBeLessThan(1.33);
      expect(Math.exp(email!.leaving! - other!.leaving!) / leaving).toBeGreaterThan(0.6);
      expect(Math.exp(email!.leaving! - other!.leaving!) / leaving).toBeLessThan(1.6);
    }
  });

  it('leaves the prior as it was where no attributes are read', () => {
    expect(fitWithCovariates(columns, { names: [], spans: [] }, options).parameters.covariates).toBeUndefined();
  });
});
