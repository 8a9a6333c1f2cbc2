import type { Random } from '../../src/random.js';

/** An order without lines: `total` is what was bought, below 0 what was returned. */
interface FuzzOrder {
  readonly customer: string;
  readonly day: number;
  readonly total: number;
}

/** A table of orders that a real shop, or an odd one, might send. Day 0 is 2023-01-01. */
export interface FuzzShop {
  readonly name: string;
  readonly orders: readonly FuzzOrder[];
  /** Days from 2023-01-01 to the as-of date. */
  readonly asOfDay: number;
  readonly horizonDays: number;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Customers who come at `from`, return at a rate of their own and stay for a while. */
function buyers(
  random: Random,
  count: number,
  until: number,
  { value = (): number => random.gamma(2, 0.05), from = (): number => random.integer(until), gapDays = 40 } = {},
): FuzzOrder[] {
  return range(count).flatMap((i) => {
    const [mean, pace] = [value(), gapDays / random.gamma(2, 2)];
    const orders: FuzzOrder[] = [];
    for (let day = from(); day < until; day += 1 + Math.floor(random.exponential(1 / pace))) {
      orders.push({ customer: `c${i}`, day: Math.floor(day), total: mean * random.gamma(6, 6) });
      if (random.uniform() < 0.15) break;
    }
    return orders;
  });
}

/** Shops with enough closed windows of customers to train on. */
export function trainableShops(random: Random): FuzzShop[] {
  const booming = buyers(random, 260, 365, { from: () => 365 * Math.sqrt(random.uniform()) });
  return [
    {
      name: 'a whale with 99 % of sales',
      orders: [
        ...buyers(random, 200, 365),
        ...range(40).map((i) => ({ customer: 'whale', day: 9 * i, total: 50_000 })),
      ],
      asOfDay: 365,
      horizonDays: 180,
    },
    {
      name: 'no variance: all buy the same on the same days',
      orders: range(120).flatMap((i) => range(12).map((m) => ({ customer: `c${i}`, day: 30 * m, total: 25 }))),
      asOfDay: 365,
      horizonDays: 90,
    },
    {
      name: '36 months ahead on 3 months of history',
      orders: buyers(random, 200, 90, { gapDays: 12 }),
      asOfDay: 90,
      horizonDays: 1_096,
    },
    {
      name: 'sales that explode in the last months',
      orders: booming.map((order) => ({ ...order, total: order.total * (order.day > 300 ? 40 : 1) })),
      asOfDay: 365,
      horizonDays: 365,
    },
    {
      name: 'amounts of a cent beside amounts of a thousand million',
      orders: buyers(random, 200, 365, { value: () => (random.uniform() < 0.5 ? 0.01 : 1e9) }),
      asOfDay: 365,
      horizonDays: 120,
    },
    {
      name: 'donations: few gifts a year, heavy tail, customers acquired over years',
      orders: buyers(random, 220, 1_400, { gapDays: 250, value: () => 20 / (1 - random.uniform()) ** 1.2 }),
      asOfDay: 1_400,
      horizonDays: 730,
    },
  ];
}

/** Shops that no model can learn from. */
export function poorShops(random: Random): FuzzShop[] {
  const once = range(150).map((i) => ({ customer: `c${i}`, day: i, total: random.gamma(2, 0.05) }));
  const returned = range(20).map((i) => ({ customer: `c${i}`, day: i, total: -10 - i }));
  return [
    {
      name: 'one customer, one order',
      orders: [{ customer: 'c', day: 99, total: 30 }],
      asOfDay: 100,
      horizonDays: 365,
    },
    {
      name: 'one regular',
      orders: range(20).map((i) => ({ customer: 'c', day: 15 * i, total: 30 + i })),
      asOfDay: 300,
      horizonDays: 365,
    },
    { name: 'one order each', orders: once, asOfDay: 170, horizonDays: 365 },
    {
      name: 'all the same amount',
      orders: buyers(random, 40, 200).map((order) => ({ ...order, total: 10 })),
      asOfDay: 200,
      horizonDays: 90,
    },
    {
      name: 'many orders on one day',
      orders: range(300).map((i) => ({ customer: `c${i % 10}`, day: 50, total: 5 })),
      asOfDay: 51,
      horizonDays: 30,
    },
    {
      name: 'sales that all come back later',
      orders: range(30).flatMap((i) => [
        { customer: `c${i}`, day: 2 * i, total: 80 },
        { customer: `c${i}`, day: 2 * i + 10, total: -80 },
      ]),
      asOfDay: 120,
      horizonDays: 60,
    },
    { name: 'returns only', orders: returned, asOfDay: 100, horizonDays: 60 },
    { name: 'an as-of date before any order', orders: once, asOfDay: 0, horizonDays: 60 },
    {
      name: 'everybody new on the as-of date',
      orders: once.map((o) => ({ ...o, day: 99 })),
      asOfDay: 100,
      horizonDays: 1_826,
    },
  ];
}

const names = [
  '9223372036854775807',
  '-9007199254740993',
  '客户 🛍️',
  'عميل ‮١٢',
  "O'Neil \\ \t;--",
  'é'.repeat(120),
  '𝕏\u{10ffff}',
];

/** Any table: sizes, spans, amounts and ids over orders of magnitude, with returns and zeros. */
export function randomShop(random: Random, index: number): FuzzShop {
  const asOfDay = 1 + random.integer(1_200);
  const scale = 10 ** (random.integer(12) - 2);
  const customers = 1 + random.integer(60);
  const orders = range(customers).flatMap((i) =>
    range(1 + random.poisson(random.exponential(0.4))).map(() => ({
      customer: `${names[i % names.length]}${i < names.length ? '' : i}`,
      // Some lie after the as-of date.
      day: Math.floor(asOfDay * 1.1 * random.uniform() ** random.gamma(1, 1)),
      total: random.uniform() < 0.15 ? (random.uniform() < 0.5 ? 0 : -scale) : scale * random.gamma(0.4, 0.4) ** 2,
    })),
  );
  return { name: `random table ${index}`, orders, asOfDay, horizonDays: 7 + random.integer(1_090) };
}
