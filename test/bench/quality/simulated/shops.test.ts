import { describe, expect, it } from 'vitest';
import { simulatedProtocols } from '../../../../bench/quality/simulated/protocols.js';
import type { Purchase } from '../../../../bench/quality/simulated/behaviour.js';
import { shopCsv, visitsCsv } from '../../../../bench/quality/simulated/shop-files.js';
import { type Shop, type ShopId, shops } from '../../../../bench/quality/simulated/shops.js';
import { dayMs } from '../../../../src/days.js';
import { mean } from '../../../../src/math.js';

const shop = (id: ShopId): Shop => shops.find((candidate) => candidate.id === id)!;

/** Purchases of each customer, in the order of the days. */
function byCustomer(purchases: readonly Purchase[]): Purchase[][] {
  const found = new Map<string, Purchase[]>();
  for (const purchase of purchases) found.set(purchase.customer, [...(found.get(purchase.customer) ?? []), purchase]);
  return [...found.values()];
}

const asOfDay = ({ asOf, start }: Shop): number => (Date.parse(asOf) - Date.parse(start)) / dayMs;
const share = (values: readonly boolean[]): number => mean(values.map(Number));

describe('simulated shops', () => {
  it.each(shops.map((each) => [each.id, each] as const))(
    '%s is the same each time, and ends with its horizon',
    (_, each) => {
      const text = shopCsv(each, 300);
      expect(shopCsv(each, 300)).toBe(text);
      // A smaller shop has the first customers of a larger one.
      expect(text.startsWith(shopCsv(each, 200).trimEnd())).toBe(true);
      const purchases = each.purchases(300);
      // Of S8, only those who bought in its last years are known, of S10 those who bought while it was open.
      const least: Partial<Record<ShopId, number>> = { S8: 0.1, S10: 0.9 };
      expect(byCustomer(purchases).length / 300).toBeGreaterThan(least[each.id] ?? 0.99);
      const last = Math.max(...purchases.map(({ day }) => day));
      const end = asOfDay(each) + each.horizonDays;
      expect(last).toBeGreaterThan(end - 60);
      for (const { day, total } of purchases) {
        expect(day).toBeGreaterThanOrEqual(0);
        expect(total).toBeGreaterThanOrEqual(1);
      }
      expect(text.split('\n')[1]).toMatch(/^o1,c\d+,\d{4}-\d\d-\d\d,\d+\.\d\d$/);
    },
  );

  it('are protocols of their own data, whose runs are not logged as final', () => {
    expect(simulatedProtocols.map(({ id }) => id)).toEqual(Array.from({ length: 15 }, (_, i) => `S${i + 1}`));
    expect(new Set(simulatedProtocols.map(({ data }) => data.name)).size).toBe(15);
    expect(new Set(simulatedProtocols.map(({ use, labels }) => `${use} ${labels}`))).toEqual(
      new Set(['tuning temporal']),
    );
  });

  it('S1 sells more in December', () => {
    const repeats = byCustomer(shop('S1').purchases(3_000)).flatMap(([, ...later]) => later);
    const inSeason = repeats.filter(({ day }) => day % 365 >= 334);
    // 31 of 365 days, at 1.6 times the pace on average.
    expect(inSeason.length / repeats.length).toBeGreaterThan(1.3 * (31 / 365));
  });

  it('S2 triples its pace 90 days before the as-of date and keeps it', () => {
    const { joined, bought } = countsOf(shop('S2').purchases(4_000), [540, 630, 720, 810]);
    const rates = bought.map((count, i) => count / joined[i]!);
    expect(rates[1]! / rates[0]!).toBeGreaterThan(2.3);
    expect(rates[2]! / rates[1]!).toBeGreaterThan(0.8);
  });

  it('S3 has customers who came in the last 90 days in eightfold numbers at the end', () => {
    const first = byCustomer(shop('S3').purchases(6_000)).map(([purchase]) => purchase!.day);
    const perDay = (from: number, to: number) => first.filter((day) => day >= from && day < to).length / (to - from);
    expect(Math.max(...first)).toBeLessThan(730);
    expect(perDay(720, 730) / perDay(0, 640)).toBeGreaterThan(6);
    expect(perDay(720, 730) / perDay(0, 640)).toBeLessThan(9);
  });

  it('S4 has one gift a year at most, first gifts in one year, two thirds in the last two months', () => {
    const gifts = shop('S4').purchases(2_000);
    const year = ({ day }: Purchase) => new Date(Date.UTC(1995, 0, 1) + day * dayMs).getUTCFullYear();
    for (const own of byCustomer(gifts)) {
      expect(new Set(own.map(year)).size).toBe(own.length);
      expect(year(own[0]!)).toBe(1995);
    }
    const late = share(gifts.map(({ day }) => new Date(Date.UTC(1995, 0, 1) + day * dayMs).getUTCMonth() >= 10));
    expect(late).toBeCloseTo(2 / 3, 1);
    // (1 - 0.65 / 3.45) stay, 1.2 / 1.95 of them give.
    const second = share(byCustomer(gifts).map((own) => own.some((gift) => year(gift) === 1996)));
    expect(second).toBeCloseTo(0.812 * 0.615, 1);
  });

  it('S5 buys about every 30.4 days', () => {
    const gaps = byCustomer(shop('S5').purchases(500)).flatMap((own) =>
      own.slice(1).map(({ day }, i) => day - own[i]!.day),
    );
    // Those who buy more often have more gaps, and gaps that the customer's end cuts are missing.
    expect(mean(gaps)).toBeGreaterThan(28.5);
    expect(mean(gaps)).toBeLessThan(30.9);
    expect(share(gaps.map((gap) => gap > 15 && gap < 46))).toBeGreaterThan(0.9);
  });

  it('S7 has joiners of the last 120 days of whom a quarter comes back as often as those before', () => {
    const customers = byCustomer(shop('S7').purchases(6_000));
    const within = (days: number) => (own: readonly Purchase[]) =>
      own.some(({ day }, i) => i > 0 && day < own[0]!.day + days);
    const [joiners, others] = [true, false].map((late) => customers.filter(([first]) => first!.day >= 880 === late));
    expect(joiners!.length).toBeGreaterThan(1_000);
    const ratio = share(joiners!.map(within(180))) / share(others!.map(within(180)));
    expect(Math.abs(ratio - 0.25)).toBeLessThan(0.06);
  });

  it('S8 is known for the year before its as-of date, most of whose first customers had come before', () => {
    const { id, purchases } = shop('S8');
    const known = purchases(6_000);
    expect(Math.min(...known.map(({ day }) => day))).toBe(asOfDay(shop(id)) - 365);
    const firsts = byCustomer(known).map(([first]) => first!.day - asOfDay(shop(id)) + 365);
    const [begin, end] = [
      firsts.filter((day) => day < 30).length,
      firsts.filter((day) => day >= 335 && day < 365).length,
    ];
    expect(begin / end).toBeGreaterThan(2);
  });

  it('S9 has as many customers who buy in the days before Christmas alone', () => {
    const customers = byCustomer(shop('S9').purchases(2_000));
    const beforeChristmas = customers.map((all) => all.every(({ day }) => day % 365 >= 330 && day % 365 < 355));
    expect(Math.abs(share(beforeChristmas) - 0.5)).toBeLessThan(0.06);
    const years = customers
      .filter((_, i) => beforeChristmas[i])
      .map((all) => new Set(all.map(({ day }) => Math.floor(day / 365))));
    expect(share(years.map(({ size }) => size > 1))).toBeGreaterThan(0.2);
  });

  it('S10 sells nothing for 90 days, and as before since', () => {
    const sold = (from: number, to: number) =>
      shop('S10')
        .purchases(2_000)
        .filter(({ day }) => day >= from && day < to).length /
      (to - from);
    expect(sold(970, 1_060)).toBe(0);
    expect(sold(1_060, 1_096) / sold(910, 970)).toBeGreaterThan(0.7);
  });

  it('S11 sees those more often who go on buying, and S12 nobody before day 700', () => {
    const { purchases, visits } = shop('S11');
    const seen = new Set(
      visits!(2_000)
        .filter(({ day }) => day >= 870 && day < 900)
        .map(({ customer }) => customer),
    );
    const goOn = new Set(purchases(2_000).flatMap(({ customer, day }) => (day >= 900 ? [customer] : [])));
    const came = byCustomer(purchases(2_000).filter(({ day }) => day < 870)).map(([first]) => first!.customer);
    const shareSeen = (customers: readonly string[]) => share(customers.map((customer) => seen.has(customer)));
    expect(shareSeen(came.filter((customer) => goOn.has(customer)))).toBeGreaterThan(0.85);
    expect(shareSeen(came.filter((customer) => !goOn.has(customer)))).toBeLessThan(0.35);
    const recorded = shop('S12').visits!(300);
    expect(Math.min(...recorded.map(({ day }) => day))).toBe(700);
    expect(visitsCsv(shop('S12'), recorded).split('\n')[1]).toMatch(/^e1,c\d+,[A-Z_]+,\d{4}-\d\d-\d\d$/);
  });

  it('S13 has the same customers spend a tenth more an order each year', () => {
    const rises = byCustomer(shop('S13').purchases(3_000)).flatMap((all) => {
      const [first, last] = [all.at(1), all.at(-1)];
      if (!first || !last || last.day - first.day < 365) return [];
      return [(Math.log(last.total / first.total) * 365) / (last.day - first.day)];
    });
    expect(rises.length).toBeGreaterThan(300);
    expect(mean(rises)).toBeCloseTo(Math.log(1.1), 1);
  });

  it('S14 has ten times as many joiners a day in the end, and the same customers buy more and more often', () => {
    const all = byCustomer(shop('S14').purchases(8_000));
    const joined = (from: number, to: number) => all.filter(([first]) => first!.day >= from && first!.day < to).length;
    expect(joined(870, 900) / (joined(0, 750) / 25)).toBeGreaterThan(7.5);
    const repeats = all.filter(([first]) => first!.day < 600).flatMap((purchases) => purchases.slice(1));
    const [before, midst, since] = [720, 810, 900].map(
      (from) => repeats.filter(({ day }) => day >= from && day < from + 30).length,
    );
    // Some leave meanwhile.
    expect(midst! / before!).toBeGreaterThan(1.3);
    expect(since! / before!).toBeGreaterThan(1.6);
    expect(since! / before!).toBeLessThan(2.5);
  });

  it('S15 has donors of a month, of a year and of appeals, and many who come with a disaster and stay away', () => {
    const all = byCustomer(shop('S15').purchases(3_000));
    const shareOfGaps = (from: number, to: number) =>
      share(
        all
          .filter((gifts) => gifts.length > 3)
          .map((gifts) => (gifts.at(-1)!.day - gifts[0]!.day) / (gifts.length - 1))
          .map((gap) => gap >= from && gap < to),
      );
    expect(shareOfGaps(29, 32)).toBeGreaterThan(0.2);
    expect(shareOfGaps(330, 600)).toBeGreaterThan(0.2);
    const joined = (from: number, to: number) => all.filter(([first]) => first!.day >= from && first!.day < to);
    expect(joined(1_400, 1_430).length).toBeGreaterThan(10 * joined(1_340, 1_370).length);
    const once = (donors: Purchase[][]) => share(donors.map((gifts) => gifts.length === 1));
    expect(once(joined(1_400, 1_430))).toBeGreaterThan(0.6);
    expect(once(joined(0, 1_000))).toBeLessThan(0.5);
  });
});

/** Customers there by each day, and their repeat purchases in the 90 days from it on. */
function countsOf(purchases: readonly Purchase[], starts: readonly number[]) {
  const customers = byCustomer(purchases);
  return {
    joined: starts.map((start) => customers.filter(([first]) => first!.day < start).length),
    bought: starts.map(
      (start) =>
        customers.flatMap(([, ...later]) => later).filter(({ day }) => day >= start && day < start + 90).length,
    ),
  };
}
