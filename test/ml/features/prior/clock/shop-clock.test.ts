import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../../../src/days.js';
import type { RfmColumns } from '../../../../../src/ml/features/prior/rfm-summary.js';
import {
  columnsInShopTime,
  inShopTime,
  paceOn,
  shopAge,
  type ShopClock,
  shopHorizon,
  shopLength,
  turnOf,
} from '../../../../../src/ml/features/prior/clock/shop-clock.js';

const flat = Array.from({ length: 12 }, () => 1);
/** December twice the mean, the other months alike. */
const christmas = Array.from({ length: 12 }, (_, i) => (i === 11 ? 2 : 10 / 11));
const seasonal = (season: readonly number[]) => ({ season, pace: null });
const customer = { frequency: 1, recency: 30, age: 90, monetary: 5, firstValue: 5 };

describe('shop time', () => {
  it('is calendar time where all months are alike', () => {
    const asOf = new Date('2011-03-17');
    const timed = inShopTime(seasonal(flat), customer, asOf);
    expect(timed.recency).toBeCloseTo(30, 9);
    expect(timed.age).toBeCloseTo(90, 9);
    expect(shopHorizon(seasonal(flat), asOf, 365)).toBeCloseTo(365, 9);
  });

  it('takes a year for a year, whatever the season', () => {
    expect(shopHorizon(seasonal(christmas), new Date('2010-06-01'), 365.2425)).toBeCloseTo(365.2425, 6);
  });

  it('runs fast in a busy month', () => {
    // Linear between the middles of months: 2 in the middle, (2 + 10/11) / 2 at the ends of the month.
    expect(shopHorizon(seasonal(christmas), new Date('2010-12-01'), 30.4) / 30.4).toBeCloseTo(1.73, 1);
    expect(shopHorizon(seasonal(christmas), new Date('2010-06-01'), 30) / 30).toBeCloseTo(10 / 11, 2);
  });

  it('is that of the whole day of an instant', () => {
    const [asOf, evening] = [new Date('2010-12-01'), new Date('2010-12-01T21:00Z')];
    const shop = { season: christmas, pace: { day: Date.UTC(2010, 11, 10) / dayMs, before: 0.4 } };
    expect(inShopTime(shop, customer, evening)).toEqual(inShopTime(shop, customer, asOf));
    expect(shopHorizon(shop, evening, 10)).toBe(shopHorizon(shop, asOf, 10));
  });

  it('reads columns as it reads one customer', () => {
    const asOf = new Date('2011-01-20');
    const shop = { season: christmas, pace: { day: Date.UTC(2010, 11, 10) / dayMs, before: 0.4 } };
    const columns: RfmColumns = {
      frequency: Float64Array.of(1),
      recency: Float64Array.of(30),
      age: Float64Array.of(90),
      monetary: Float64Array.of(5),
      firstValue: Float64Array.of(5),
    };
    const timed = columnsInShopTime(shop, columns, asOf);
    const one = inShopTime(shop, customer, asOf);
    expect(timed.recency[0]).toBeCloseTo(one.recency, 9);
    expect(timed.age[0]).toBeCloseTo(one.age, 9);
  });

  it('runs slowly before the rise of the pace, and as ever since', () => {
    const asOf = new Date('2011-03-17');
    const now = asOf.getTime() / dayMs;
    const shop = { season: null, pace: { day: now - 50, before: 0.25 } };
    expect(shopAge(shop, 90, asOf)).toBeCloseTo(50 + 0.25 * 40, 9);
    expect(shopAge(shop, 30, asOf)).toBeCloseTo(30, 9);
    expect(inShopTime(shop, customer, asOf).recency).toBeCloseTo(0.25 * 30, 9);
    expect(shopHorizon(shop, asOf, 365)).toBeCloseTo(365, 9);
    // As of a training window before the rise, whose outcome had it.
    expect(shopHorizon(shop, new Date((now - 80) * dayMs), 80)).toBeCloseTo(0.25 * 30 + 50, 9);
  });

  it('gains speed evenly while the pace rises evenly', () => {
    const pace = { day: 18_000, before: 0.4, until: 18_100 };
    const shop = { season: null, pace };
    // The mean of 0.4 and 1, of 0.4 and 0.7, and of 0.7 and 1.
    const lengths: readonly (readonly [from: number, to: number, days: number])[] = [
      [17_900, 18_000, 40],
      [18_000, 18_100, 70],
      [18_000, 18_050, 27.5],
      [18_050, 18_100, 42.5],
      [18_100, 18_150, 50],
    ];
    for (const [from, to, days] of lengths) expect(shopLength(shop, from, to)).toBeCloseTo(days, 9);
    expect([17_999, 18_000, 18_050, 18_100].map((day) => paceOn(shop, day))).toEqual([
      0.4,
      0.4,
      expect.closeTo(0.7, 9),
      1,
    ]);
    for (const day of [17_990, 18_020, 18_090, 18_110]) {
      const inSeason = { season: christmas, pace };
      const speed = (of: ShopClock) => shopLength(of, day - 0.01, day + 0.01);
      expect(speed(inSeason) / speed(seasonal(christmas))).toBeCloseTo(paceOn(inSeason, day), 6);
    }
  });

  it('is as long before the turn of an even rise, by the pace of before, and since, as by the calendar', () => {
    for (const before of [0.2, 0.4, 0.8]) {
      const pace = { day: 18_000, before, until: 19_000 };
      const turn = turnOf(pace);
      expect(paceOn({ season: null, pace }, turn)).toBeCloseTo(Math.sqrt(before), 3);
      const [slow, fast] = [
        shopLength({ season: null, pace }, 18_000, turn),
        shopLength({ season: null, pace }, turn, 19_000),
      ];
      expect(slow / before + fast).toBeCloseTo(1_000, 0);
    }
    expect(turnOf({ day: 18_000, before: 0.4 })).toBe(18_000);
  });

  it('stands still in a closure, also where that lies within a surge or at its edge', () => {
    const surge = { from: 18_000, to: 18_100, times: 4 };
    const lengthWith = (from: number, to: number) => {
      const shop = { season: null, pace: null, surge, closures: [{ from, to }] };
      return [shopLength(shop, from, to), shopLength(shop, 17_950, 18_150)];
    };
    // A hundredth of the days of the closure, four of each of the surge's others.
    expect(lengthWith(18_040, 18_070)).toEqual([1.2, 381.2].map((days) => expect.closeTo(days, 9) as number));
    expect(lengthWith(18_090, 18_120)).toEqual([0.6, 440.6].map((days) => expect.closeTo(days, 9) as number));
  });

  it('has the season before the rise, too', () => {
    const asOf = new Date('2011-03-17');
    const rise = new Date('2011-01-10');
    const shop = { season: christmas, pace: { day: rise.getTime() / dayMs, before: 0.25 } };
    const december = new Date('2010-12-10');
    const length = shopHorizon(seasonal(christmas), december, 31);
    expect(shopHorizon(shop, december, 31)).toBeCloseTo(0.25 * length, 9);
    expect(shopHorizon(shop, asOf, 60)).toBeCloseTo(shopHorizon(seasonal(christmas), asOf, 60), 9);
  });
});
