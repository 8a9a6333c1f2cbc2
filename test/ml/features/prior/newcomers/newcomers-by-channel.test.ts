import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../../../src/days.js';
import { ownPrior } from '../../../../../src/ml/features/prior/covariates/covariate-effects.js';
import {
  fitWithNewcomers,
  logLikelihoodOf,
} from '../../../../../src/ml/features/prior/newcomers/fit-with-newcomers.js';
import { predictPrior } from '../../../../../src/ml/features/prior/predict-prior.js';
import { toRfmColumns, type RfmSummary } from '../../../../../src/ml/features/prior/rfm-summary.js';
import type { RepeatPurchases } from '../../../../../src/ml/features/repeat-purchases.js';
import { Random } from '../../../../../src/random.js';
import { CDNOW_PRIOR } from '../shops.js';

const asOf = new Date('2022-06-01');
const now = asOf.getTime() / dayMs;
const horizon = 180;
const form = {
  season: null,
  pace: null,
  earlyGain: 0,
  leavesAtFirst: false,
  logNormalValues: false,
  tellsNewcomers: true,
  asOf,
};
/** Days since when more come by advertising, and since when half of all customers came, if there is a boom. */
const [adDays, boomDays] = [250, 150];

interface Shop {
  /** Share of customers who come by advertising, before and since. */
  readonly ads: readonly [before: number, since: number];
  /** How often they buy, times as often as the others. */
  readonly adPace: number;
  /** Shares of those who may buy again at all: of customers of the boom, and of those who came by advertising. */
  readonly boomShare?: number;
  readonly adShare?: number;
}

type Channel = 'ads.' | 'shop.';
const spansOf = (channel: Channel) => [{ group: 'covariates' as const, attribute: 'channel', text: channel }];

function shopOf({ ads, adPace, boomShare, adShare = 1 }: Shop) {
  const random = new Random('a new channel');
  const rows: RfmSummary[] = [];
  const channels: Channel[] = [];
  const comebacks: RepeatPurchases[] = [];
  const next: number[] = [];
  for (let i = 0; i < 4_000; i++) {
    const isBoom = boomShare !== undefined && i % 2 === 0;
    const age = 1 + random.integer(isBoom ? boomDays : 1_000);
    const isAd = random.uniform() < ads[age < adDays ? 1 : 0];
    const rate = random.gamma(1, 50) * (isAd ? adPace : 1);
    const leave = random.beta(1, 8);
    const days: number[] = [];
    let alive = random.uniform() < (isBoom ? boomShare : 1) * (isAd ? adShare : 1);
    for (let day = random.exponential(rate); alive && day < age + horizon; day += random.exponential(rate)) {
      if (Math.ceil(day) !== days.at(-1)) days.push(Math.ceil(day));
      alive = random.uniform() >= leave;
    }
    const before = days.filter((day) => day < age);
    const [comeback] = before;
    if (comeback !== undefined) comebacks.push({ firstDay: now - age, day: now - age + comeback, count: 1 });
    const frequency = before.length;
    rows.push({ frequency, recency: before.at(-1) ?? 0, age, monetary: frequency > 0 ? 10 : 0, firstValue: 10 });
    channels.push(isAd ? 'ads.' : 'shop.');
    next.push(days.length - frequency);
  }
  return { rows, channels, comebacks, next };
}

/** The prior that reads the channel, and purchases that it expects of a channel's newcomers over those that they made. */
function readChannels(shop: Shop) {
  const { rows, channels, comebacks, next } = shopOf(shop);
  const columns = toRfmColumns(rows);
  const covariates = { names: ['channel'], spans: channels.map(spansOf) };
  const prior = fitWithNewcomers(columns, comebacks, covariates, { meanOrderValue: 10, form }).parameters;
  const expectedOver = (channel: Channel) => {
    let [expected, made] = [0, 0];
    for (const [i, row] of rows.entries()) {
      if (channels[i] !== channel || row.age >= adDays) continue;
      expected += predictPrior(ownPrior(prior, spansOf(channel)), row, horizon, asOf).expectedPurchases;
      made += next[i]!;
    }
    return expected / made;
  };
  return { prior, ads: expectedOver('ads.'), shop: expectedOver('shop.') };
}

describe('newcomers where the channel they came by is read', () => {
  it('are no others where more come by one whose customers buy a quarter as often', () => {
    const { prior, ads, shop } = readChannels({ ads: [0.15, 0.8], adPace: 0.25 });
    expect(prior).not.toHaveProperty('newcomers');
    for (const ratio of [ads, shop]) {
      expect(ratio).toBeGreaterThan(0.85);
      expect(ratio).toBeLessThan(1.15);
    }
  });

  it('are no others where that channel is new: what its customers do is the channel’s', () => {
    const { prior, ads, shop } = readChannels({ ads: [0, 0.8], adPace: 0.25 });
    expect(prior).not.toHaveProperty('newcomers');
    for (const ratio of [ads, shop]) {
      expect(ratio).toBeGreaterThan(0.85);
      expect(ratio).toBeLessThan(1.15);
    }
  });

  it('are others where most of those whom a new channel brings never come back: that is no channel’s pace', () => {
    const { prior } = readChannels({ ads: [0, 0.8], adPace: 1, adShare: 0.2 });
    expect(prior.newcomers).toMatchObject({ differ: 'SHARE' });
    expect(prior.covariates!['channel']).not.toHaveProperty(['ads.']);
    for (const ratio of prior.newcomers!.ratios.slice(-6)) expect(Math.abs(ratio - 0.36)).toBeLessThan(0.15);
  });

  it('are others where most of a boom never come back, which brings more by the slower channel', () => {
    const { prior, ads, shop } = readChannels({ ads: [0.15, 0.8], adPace: 0.25, boomShare: 0.25 });
    expect(prior.newcomers).toMatchObject({ differ: 'SHARE' });
    for (const ratio of [ads, shop]) {
      expect(ratio).toBeGreaterThan(0.85);
      expect(ratio).toBeLessThan(1.3);
    }
  });

  it('are the same as without it where customers buy by years, whose chances no channel changes', () => {
    const { rows, channels, comebacks } = shopOf({ ads: [0.15, 0.8], adPace: 0.25 });
    const yearly = { months: Array.from({ length: 12 }, () => 1 / 12), firstMonth: 0 };
    const options = { meanOrderValue: 10, form: { ...form, yearly } };
    const [read, unread] = [['channel'], []].map((names) => {
      const covariates = { names, spans: names.length > 0 ? channels.map(spansOf) : [] };
      return fitWithNewcomers(toRfmColumns(rows), comebacks, covariates, options).parameters.newcomers;
    });
    expect(read?.differ).toBe('SHARE');
    expect(read).toEqual(unread);
  });

  it('have purchases as likely as those of customers with a prior of their own', () => {
    const columns = toRfmColumns([
      { frequency: 0, recency: 0, age: 40, monetary: 0, firstValue: 10 },
      { frequency: 3, recency: 20, age: 50, monetary: 10, firstValue: 10 },
      { frequency: 1, recency: 90, age: 200, monetary: 10, firstValue: 10 },
    ]);
    const effects = { pace: new Float64Array(3).fill(Math.log(2)), leaving: new Float64Array(3).fill(Math.log(3)) };
    for (const differ of ['PACE', 'SHARE'] as const) {
      const newcomers = { since: now - 60, differ, ratios: [0.5, 0.25] };
      const prior = { ...CDNOW_PRIOR, newcomers };
      const own = logLikelihoodOf({ ...prior, alpha: prior.alpha / 2 }, columns, asOf);
      expect(logLikelihoodOf(prior, columns, asOf, effects)).toBeCloseTo(own, 10);
      const withTime = { ...prior, leavesWithTime: true, b: 12 };
      const sooner = logLikelihoodOf({ ...withTime, alpha: prior.alpha / 2, b: 4 }, columns, asOf);
      expect(logLikelihoodOf(withTime, columns, asOf, effects)).toBeCloseTo(sooner, 10);
    }
  });
});
