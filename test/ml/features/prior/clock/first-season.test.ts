import { describe, expect, it } from 'vitest';
import type { EarlierCustomers } from '../../../../../src/ml/features/prior/earlier-customers/earlier-customers.js';
import { learnFirstSeason } from '../../../../../src/ml/features/prior/clock/learn-first-season.js';
import { learnPurchaseClock } from '../../../../../src/ml/features/prior/clock/learn-purchase-clock.js';
import { learnSalesSeason } from '../../../../../src/ml/features/prior/clock/learn-sales-season.js';
import type { RfmColumns } from '../../../../../src/ml/features/prior/rfm-summary.js';
import type { RepeatPurchases } from '../../../../../src/ml/features/repeat-purchases.js';
import { Random } from '../../../../../src/random.js';

const dayMs = 86_400_000;

interface Shop {
  /** How often customers buy on a day, as a multiple. */
  readonly busy?: (date: Date) => number;
  /** Of history, as far as it is seen. */
  readonly days?: number;
  /** Days that a customer came before it, at most. */
  readonly earlierDays?: number;
  /** How much more often they buy in their first 30 days. */
  readonly early?: number;
  /** Chance of a new customer to leave after any purchase. */
  readonly leaves?: (random: Random) => number;
  /** Days between purchases, for who buys at regular intervals. */
  readonly interval?: number;
}

/** Customers who come evenly and buy at rates of their own; the last days of it. */
function shop(
  asOf: Date,
  customers: number,
  { busy = () => 1, days: seen = 365, earlierDays = 0, early = 1, leaves = () => 0.15, interval }: Shop,
) {
  const random = new Random('first season');
  const now = asOf.getTime() / dayMs;
  const columns: Record<Exclude<keyof RfmColumns, 'gapVariation'>, number[]> = {
    frequency: [],
    recency: [],
    age: [],
    monetary: [],
    firstValue: [],
  };
  const repeats: RepeatPurchases[] = [];
  for (let i = 0; i < customers; i++) {
    const came = now - seen - earlierDays + Math.floor(random.uniform() * (seen + earlierDays));
    const rate = random.gamma(1, 40);
    const leave = leaves(random);
    const days = [came];
    for (let day = came + 1, here = random.uniform() >= leave; here && day < now; day++) {
      const speed = busy(new Date(day * dayMs)) * (day - came <= 30 ? early : 1);
      const buys = interval ? (day - came) % interval === 0 : random.uniform() < rate * speed;
      if (!buys) continue;
      days.push(day);
      here = random.uniform() >= leave;
    }
    const [first, ...later] = days.filter((day) => day >= now - seen);
    if (first === undefined) continue;
    columns.frequency.push(later.length);
    columns.recency.push((later.at(-1) ?? first) - first);
    columns.age.push(now - first);
    columns.monetary.push(later.length > 0 ? 10 : 0);
    columns.firstValue.push(10);
    repeats.push(...later.map((day) => ({ firstDay: first, day, count: 1 })));
  }
  const read = (key: keyof typeof columns) => Float64Array.from(columns[key]);
  const timed: RfmColumns = {
    frequency: read('frequency'),
    recency: read('recency'),
    age: read('age'),
    monetary: read('monetary'),
    firstValue: read('firstValue'),
  };
  return { columns: timed, repeats };
}

const calendar = { season: null, pace: null };

describe('the season of a single year', () => {
  const summer = new Date('2012-07-01');
  const december = (date: Date) => (date.getUTCMonth() >= 10 ? 3 : 1);
  const autumn = [0.7, 0.7, 0.9, 0.9, 0.9, 0.9, 0.8, 0.8, 1.1, 1.3, 1.7, 1.3];

  it('is found, and used by the clock', () => {
    const { columns, repeats } = shop(summer, 2_500, { busy: december });
    const season = learnFirstSeason(calendar, { columns, repeats, asOf: summer })!;
    const quiet = [0, 2, 4, 6, 8].reduce((sum, month) => sum + season[month]! / 5, 0);
    expect((season[10]! + season[11]!) / 2 / quiet).toBeGreaterThan(2.4);
    expect((season[10]! + season[11]!) / 2 / quiet).toBeLessThan(4);
    expect(learnPurchaseClock({ columns, repeats, asOf: summer })).toMatchObject({ season, pace: null, earlyGain: 0 });
  });

  it('is found where history ends in it, too', () => {
    const asOf = new Date('2012-12-01');
    const { columns, repeats } = shop(asOf, 2_500, { busy: (date) => autumn[date.getUTCMonth()]! });
    const season = learnFirstSeason(calendar, { columns, repeats, asOf })!;
    expect(season[10]! / ((season[5]! + season[6]! + season[7]!) / 3)).toBeGreaterThan(1.5);
  });

  it('of a longer one does not take customers from before it for a busy beginning, where they are known', () => {
    const asOf = new Date('2013-03-05');
    const busy = (date: Date) => autumn[date.getUTCMonth()]!;
    const leaves = (random: Random) => random.beta(0.5, 0.7);
    const { columns, repeats } = shop(asOf, 12_000, { busy, days: 460, earlierDays: 1_500, leaves });
    const since = asOf.getTime() / dayMs - 460;
    const spring = (earlier?: EarlierCustomers) => {
      const season = learnSalesSeason(calendar, { columns, repeats, asOf, earlier });
      return [2, 3, 4].reduce((sum, month) => sum + season![month]! / autumn[month]! / 3, 0);
    };
    expect(spring()).toBeGreaterThan(1.1);
    expect(spring({ since, length: 100 })).toBeLessThan(1.08);
  });

  it('is not read out of customers who buy alike all year, and leave', () => {
    const { columns, repeats } = shop(summer, 2_500, {});
    expect(learnFirstSeason(calendar, { columns, repeats, asOf: summer })).toBeNull();
  });

  it('is not read out of sales that explode month by month', () => {
    const months = (date: Date) => (summer.getTime() - date.getTime()) / (30 * dayMs);
    const explodes = shop(summer, 2_500, { busy: (date) => Math.max(1, 5 - months(date)) });
    expect(learnFirstSeason(calendar, { ...explodes, asOf: summer })).toBeNull();
  });

  it('is not looked for where customers buy more often at first, or at regular intervals', () => {
    const often = shop(summer, 2_500, { busy: december, early: 5 });
    expect(learnFirstSeason(calendar, { ...often, asOf: summer })).toBeNull();
    const regular = shop(summer, 2_500, { interval: 30 });
    expect(learnFirstSeason(calendar, { ...regular, asOf: summer })).toBeNull();
  });
});
