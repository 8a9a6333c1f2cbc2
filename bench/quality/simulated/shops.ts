import { dayMs } from '../../../src/days.js';
import type { Random } from '../../../src/random.js';
import { type Behaviour, logNormal, type Purchase, purchasesOf } from './behaviour.js';
import { donations } from './donors.js';

export const shopIds = ['S1', 'S2', 'S3', 'S4', 'S5', 'S6', 'S7'] as const;
export type ShopId = (typeof shopIds)[number];

export interface Shop {
  readonly id: ShopId;
  readonly title: string;
  /** How it is made, for the report. */
  readonly made: string;
  /** First day of the shop. */
  readonly start: string;
  readonly asOf: string;
  readonly horizonDays: number;
  readonly customers: number;
  /** Always the same ones for the same number of customers. */
  purchases(customers: number): Purchase[];
}

const years = 365;
const monthly = 1 / 30.4;

const between =
  (from: number, to: number) =>
  (random: Random): number =>
    from + (to - from) * random.uniform();
const gamma = (shape: number, rate: number) => (random: Random) => random.gamma(shape, rate);
const around = (median: number, deviation: number) => (random: Random) =>
  logNormal(random, Math.log(median), deviation);
/** Exponential lifetimes at rates that are gamma-distributed over the customers: those of Pareto/NBD. */
const pareto = (shape: number, rate: number) => (random: Random) => random.exponential(random.gamma(shape, rate));
/** A part of the customers stays for another mean time than the others. */
const twoKinds = (share: number, first: number, second: number) => (random: Random) =>
  random.exponential(1 / (random.uniform() < share ? first : second));

/** A day before `to`; from `since` on arrivals rise steadily to `times` as many a day. */
const boomOfJoiners = (to: number, since: number, times: number) => (random: Random) => {
  for (;;) {
    const day = to * random.uniform();
    const arrivals = day < since ? 1 : 1 + ((times - 1) * (day - since)) / (to - since);
    if (random.uniform() < arrivals / times) return day;
  }
};

/** Of those who join from `since` on a part never comes back. */
const leavingAtOnce =
  (share: number, since: number, others: (random: Random) => number) => (random: Random, joined: number) =>
    joined >= since && random.uniform() < share ? 0 : others(random);

/** In the middle of December the pace is 1.8 times that of the summer; for shops that open on a first of January. */
function december(day: number): number {
  const fromPeak = ((day - 344 + 182.5 + 10 * years) % years) - 182.5;
  return (1 + 0.8 * Math.exp(-(fromPeak ** 2) / (2 * 20 ** 2))) / 1.8;
}

const rolling = {
  lifetime: pareto(0.7, 120),
  meanAmount: around(40, 0.6),
  amountSpread: 0.5,
} as const;

/** Shops that come to be by one behaviour; `rate` is that of the busiest day where there is a pace. */
const bought =
  (id: ShopId, behaviour: Behaviour) =>
  (customers: number): Purchase[] =>
    purchasesOf(behaviour, customers, `simulated ${id}`);

export const shops: readonly Shop[] = [
  {
    id: 'S1',
    title: 'rolling acquisition',
    made:
      'Customers come evenly over four of five years. Rates are gamma (shape 0.6, rate 60 days, of the busiest day), ' +
      'lifetimes exponential with gamma rates (0.7, 120 days), amounts lognormal; in the middle of December customers buy ' +
      '1.8 times as often as in summer.',
    start: '2014-01-01',
    asOf: '2017-07-01',
    horizonDays: 365,
    customers: 8_000,
    purchases: bought('S1', {
      ...rolling,
      days: 5 * years,
      joins: between(0, 4 * years),
      rate: gamma(0.6, 60),
      pace: december,
    }),
  },
  {
    id: 'S2',
    title: 'a pace that triples',
    made:
      'Customers come evenly. From day 630 of the 720 before the as-of date on, everybody buys three times as often as ' +
      'before, and goes on so. Rates are gamma (0.7, 30 days, after the rise), lifetimes as in S1 with (0.8, 200 days).',
    start: '2018-01-01',
    asOf: '2019-12-22',
    horizonDays: 180,
    customers: 6_000,
    purchases: bought('S2', {
      days: 900,
      joins: between(0, 900),
      rate: gamma(0.7, 30),
      lifetime: pareto(0.8, 200),
      meanAmount: around(45, 0.7),
      amountSpread: 0.5,
      pace: (day) => (day < 630 ? 1 / 3 : 1),
    }),
  },
  {
    id: 'S3',
    title: 'a boom of joiners',
    made:
      'In the last 90 of 730 days arrivals rise eightfold. Rates are lognormal (median one purchase in 180 days, σ 1.3), ' +
      'mean amounts lognormal (median 90, σ 1); 60 % leave after 30 days on average, the others after 400.',
    start: '2018-01-01',
    asOf: '2020-01-01',
    horizonDays: 120,
    customers: 12_000,
    purchases: bought('S3', {
      days: 860,
      joins: boomOfJoiners(730, 640, 8),
      rate: around(1 / 180, 1.3),
      lifetime: twoKinds(0.6, 30, 400),
      meanAmount: around(90, 1),
      amountSpread: 0.7,
    }),
  },
  {
    id: 'S4',
    title: 'yearly donors, one cohort',
    made:
      'BG/BB: all give in the first year, then at most once a year; the chance to give is beta (1.2, 0.75), that to drop ' +
      'out beta (0.65, 2.8) a year. Two thirds of the gifts come in November and December; amounts are round.',
    start: '1995-01-01',
    asOf: '1999-01-01',
    horizonDays: 1_095,
    customers: 11_000,
    purchases: (customers) => donations(1995, 7, customers, 'simulated S4'),
  },
  {
    id: 'S5',
    title: 'subscribers',
    made:
      'Customers come evenly over two years and a half and buy about every 30.4 days (Erlang-20 gaps); 45 % leave after 70 ' +
      'days on average, the others after 700.',
    start: '2018-01-01',
    asOf: '2020-01-01',
    horizonDays: 365,
    customers: 5_000,
    purchases: bought('S5', {
      days: 3 * years,
      joins: between(0, 2.5 * years),
      rate: around(monthly, 0.15),
      regularity: 20,
      lifetime: twoKinds(0.45, 70, 700),
      meanAmount: around(27, 0.4),
      amountSpread: 0.15,
    }),
  },
  {
    id: 'S6',
    title: 'three years ahead',
    made: 'As S1, without the season; customers come evenly over the first three of six years.',
    start: '2010-01-01',
    asOf: '2013-01-01',
    horizonDays: 1_095,
    customers: 6_000,
    purchases: bought('S6', { ...rolling, days: 6 * years + 1, joins: between(0, 3 * years), rate: gamma(0.6, 60) }),
  },
  {
    id: 'S7',
    title: 'a boom of joiners most of whom never come back',
    made:
      'In the last 120 of 1,000 days arrivals rise tenfold. Of those who join then, three quarters never come back; the others are ' +
      'as all were before. Rates are gamma (0.8, 40 days), lifetimes as in S1 with (0.8, 200 days).',
    start: '2018-01-01',
    asOf: '2020-09-27',
    horizonDays: 180,
    customers: 6_000,
    purchases: bought('S7', {
      days: 1_180,
      joins: boomOfJoiners(1_000, 880, 10),
      rate: gamma(0.8, 40),
      lifetime: leavingAtOnce(0.75, 880, pareto(0.8, 200)),
      meanAmount: around(45, 0.7),
      amountSpread: 0.5,
    }),
  },
];

/** One order a purchase: `order,customer,date,total`. */
export function shopCsv({ start, purchases, customers }: Shop, count = customers): string {
  const first = Date.parse(start);
  const lines = purchases(count).map(({ customer, day, total }, i) => {
    const date = new Date(first + day * dayMs).toISOString().slice(0, 10);
    return `o${i + 1},${customer},${date},${total.toFixed(2)}`;
  });
  return `order,customer,date,total\n${lines.join('\n')}\n`;
}
