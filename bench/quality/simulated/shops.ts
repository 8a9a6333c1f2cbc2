import { type Behaviour, type Purchase, purchasesOf } from './behaviour.js';
import { charity } from './charity.js';
import { donations } from './donors.js';
import { type Visit, visitorsOf } from './visitors.js';
import {
  around,
  beforeChristmas,
  upTo,
  boomOfJoiners,
  december,
  gamma,
  leavingAtOnce,
  onlyBeforeChristmas,
  pareto,
  twoKinds,
  years,
} from './draws.js';

export const shopIds = [
  'S1',
  'S2',
  'S3',
  'S4',
  'S5',
  'S6',
  'S7',
  'S8',
  'S9',
  'S10',
  'S11',
  'S12',
  'S13',
  'S14',
  'S15',
] as const;
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
  /** Of the same customers; absent where nothing but purchases is known. */
  visits?(customers: number): Visit[];
}

const monthly = 1 / 30.4;

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

/** A shop of which only the purchases since a day are known. */
const seenSince =
  (since: number, purchases: Shop['purchases']) =>
  (customers: number): Purchase[] =>
    purchases(customers).filter(({ day }) => day >= since);

/** A shop that sold nothing between two days. */
const closed =
  (from: number, to: number, purchases: Shop['purchases']) =>
  (customers: number): Purchase[] =>
    purchases(customers).filter(({ day }) => day < from || day >= to);

const numberOf = ({ customer }: Purchase): number => Number(customer.slice(1));

/** Customers of two kinds by turns. */
const halves =
  (one: Shop['purchases'], other: Shop['purchases']) =>
  (customers: number): Purchase[] =>
    [one, other]
      .flatMap((kind, i) => kind(customers).filter((purchase) => numberOf(purchase) % 2 === i))
      .sort((a, b) => numberOf(a) - numberOf(b));

/** A shop that sees its customers' visits, too, since a day of its own. */
const visited = (id: ShopId, days: number, since: number): Pick<Shop, 'purchases' | 'visits'> => {
  const visitors = (customers: number) => visitorsOf(days, customers, `simulated ${id}`);
  return {
    purchases: (customers) => visitors(customers).flatMap(({ purchases }) => purchases),
    visits: (customers) => visitors(customers).flatMap(({ visits }) => visits.filter(({ day }) => day >= since)),
  };
};

const steady = {
  rate: gamma(0.7, 45),
  lifetime: pareto(0.8, 200),
  meanAmount: around(40, 0.6),
  amountSpread: 0.5,
} as const;

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
      joins: upTo(4 * years),
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
      joins: upTo(900),
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
      joins: upTo(2.5 * years),
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
    purchases: bought('S6', { ...rolling, days: 6 * years + 1, joins: upTo(3 * years), rate: gamma(0.6, 60) }),
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
  {
    id: 'S8',
    title: 'the last year alone of a shop, before Christmas',
    made:
      'As S1, with twice its rates; customers come evenly over seven years, of which the last one before the as-of date is ' +
      'known, no purchase before it.',
    start: '2013-01-01',
    asOf: '2018-12-01',
    horizonDays: 365,
    customers: 30_000,
    purchases: seenSince(
      1_795,
      bought('S8', {
        ...rolling,
        days: 7 * years,
        joins: upTo(7 * years),
        rate: gamma(0.6, 30),
        pace: december,
      }),
    ),
  },
  {
    id: 'S9',
    title: 'half of the customers buy before Christmas only',
    made:
      'One half comes evenly; rates are gamma (0.7, 45 days), lifetimes as in S1 with (0.8, 200 days). The other half comes in the 25 ' +
      'days before Christmas and buys in these days alone, at rates of gamma (1, 25 days), for 900 days on average.',
    start: '2016-01-01',
    asOf: '2019-11-01',
    horizonDays: 120,
    customers: 6_000,
    purchases: halves(
      bought('S9', { ...steady, days: 1_520, joins: upTo(1_520) }),
      bought('S9', {
        ...steady,
        days: 1_520,
        joins: beforeChristmas(4),
        rate: gamma(1, 25),
        lifetime: (random) => random.exponential(1 / 900),
        pace: onlyBeforeChristmas,
      }),
    ),
  },
  {
    id: 'S10',
    title: 'closed for 90 days until five weeks ago',
    made: 'As the first half of S9; nobody bought from day 970 to day 1,060 of the 1,096 before the as-of date.',
    start: '2018-01-01',
    asOf: '2021-01-01',
    horizonDays: 60,
    customers: 6_000,
    purchases: closed(970, 1_060, bought('S10', { ...steady, days: 1_160, joins: upTo(1_160) })),
  },
  {
    id: 'S11',
    title: 'visits tell who is still a customer',
    made:
      'Customers come evenly. Rates are gamma (0.9, 60 days), lifetimes as in S1 with (1, 250 days). As long as they are customers they ' +
      'look at pages (gamma, on average 4 a month and one for each purchase) and open e-mails (2 a month); later at a page in ten months. ' +
      'Of the purchases 6 % go wrong: a support ticket follows, and the customer leaves four times as soon.',
    start: '2016-12-13',
    asOf: '2019-06-01',
    horizonDays: 180,
    customers: 6_000,
    ...visited('S11', 1_080, 0),
  },
  {
    id: 'S12',
    title: 'visits that have been recorded for 200 days',
    made: 'As S11, with no visit recorded before day 700.',
    start: '2016-12-13',
    asOf: '2019-06-01',
    horizonDays: 180,
    customers: 6_000,
    ...visited('S12', 1_080, 700),
  },
  {
    id: 'S13',
    title: 'prices that rise by a tenth a year',
    made: 'As the first half of S9, over five years; all amounts are in prices that rise by 10 % a year, evenly.',
    start: '2018-01-01',
    asOf: '2022-01-01',
    horizonDays: 365,
    customers: 6_000,
    purchases: bought('S13', {
      ...steady,
      days: 5 * years,
      joins: upTo(5 * years),
      price: (day) => 1.1 ** (day / years),
    }),
  },
  {
    id: 'S14',
    title: 'sales that explode',
    made:
      'In the last 150 of 900 days arrivals rise tenfold, and everybody comes to buy 2.5 times as often as before, both evenly; the pace ' +
      'stays so. Rates are gamma (0.8, 30 days, after the rise), gaps sums of two exponential ones (Erlang, k = 2), lifetimes exponential ' +
      'with gamma rates (1.2, 300 days).',
    start: '2018-01-01',
    asOf: '2020-06-19',
    horizonDays: 180,
    customers: 8_000,
    purchases: bought('S14', {
      days: 1_080,
      joins: boomOfJoiners(900, 750, 10),
      rate: gamma(0.8, 30),
      regularity: 2,
      lifetime: pareto(1.2, 300),
      meanAmount: around(45, 0.7),
      amountSpread: 0.5,
      pace: (day) => Math.min(1, Math.max(0.4, 0.4 + (0.6 * (day - 750)) / 150)),
    }),
  },
  {
    id: 'S15',
    title: 'a charity with monthly, yearly and occasional donors',
    made:
      'Three of four donors come evenly over seven years and a half: 12 % of them give monthly, 33 % yearly, the others after some of ' +
      'one or two appeals a year. One of four comes with a disaster 20 months before the as-of date, and then seldom. Amounts are round.',
    start: '2012-01-01',
    asOf: '2017-07-01',
    horizonDays: 730,
    customers: 9_000,
    purchases: (customers) => charity(2_738, 1_400, customers, 'simulated S15'),
  },
];
