import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../../../src/days.js';
import { type Closure, findClosures } from '../../../../../src/ml/features/prior/clock/closures.js';
import { learnPurchaseClock } from '../../../../../src/ml/features/prior/clock/learn-purchase-clock.js';
import { toRfmColumns, type RfmSummary } from '../../../../../src/ml/features/prior/rfm-summary.js';
import { shopHorizon } from '../../../../../src/ml/features/prior/clock/shop-clock.js';
import type { RepeatPurchases } from '../../../../../src/ml/features/repeat-purchases.js';
import { Random } from '../../../../../src/random.js';

const asOf = new Date('2021-01-01');
const now = asOf.getTime() / dayMs;

/** Customers who come along, buy about once a month, and leave; on closed days, counted from the beginning, nobody buys. */
function shop({ history = 1_100, customers = 1_500, closed = (_day: number): boolean => false } = {}) {
  const random = new Random('closures');
  const rows: RfmSummary[] = [];
  const repeats: RepeatPurchases[] = [];
  for (let i = 0; i < customers; i++) {
    const joined = i === 0 ? 0 : random.integer(history);
    const stays = random.exponential(1 / 200);
    const days = Array.from({ length: history - joined }, (_, day) => joined + day).filter(
      (day) => !closed(day) && (day === joined || (day - joined < stays && random.uniform() < 1 / 30)),
    );
    if (days.length === 0) continue;
    const [first, last] = [days[0]!, days.at(-1)!];
    rows.push({
      frequency: days.length - 1,
      recency: last - first,
      age: history - first,
      monetary: 10,
      firstValue: 10,
    });
    for (const day of days.slice(1)) {
      repeats.push({ firstDay: now - history + first, day: now - history + day, count: 1 });
    }
  }
  return { columns: toRfmColumns(rows), repeats };
}

const found = (made: ReturnType<typeof shop>): Closure[] => findClosures(made.columns, made.repeats, asOf);
const between = (from: number, to: number) => (day: number) => day >= from && day < to;

describe('closures', () => {
  it('are the days that nobody bought on, of all the history', () => {
    const closed = (day: number) => between(300, 360)(day) || between(900, 930)(day);
    const [first, second, ...others] = found(shop({ closed }));
    const near = (closure: Closure | undefined, from: number, to: number) => {
      expect(Math.abs(closure!.from - (now - 1_100 + from))).toBeLessThanOrEqual(2);
      expect(Math.abs(closure!.to - (now - 1_100 + to))).toBeLessThanOrEqual(2);
    };
    near(first, 300, 360);
    near(second, 900, 930);
    expect(others).toEqual([]);
  });

  it('last until the as-of date where nobody has bought since', () => {
    expect(found(shop({ closed: between(1_060, 1_100) }))).toEqual([{ from: expect.any(Number), to: now }]);
    expect(found(shop({ closed: between(1_085, 1_100) }))).toEqual([]);
  });

  it('are none where nothing is missing, for holidays, and in a small shop', () => {
    expect(found(shop())).toEqual([]);
    expect(found(shop({ closed: between(500, 514) }))).toEqual([]);
    expect(found(shop({ closed: between(500, 560), customers: 30 }))).toEqual([]);
  });

  it('are none where nobody was new, but customers came back', () => {
    const { columns, repeats } = shop();
    const isNewThen = (day: number) => between(500, 560)(day - (now - 1_100));
    const age = columns.age.filter((days) => !isNewThen(now - days));
    expect(findClosures({ ...columns, age }, repeats, asOf)).toEqual([]);
  });

  it('do not come again every year: that is a season', () => {
    expect(found(shop({ closed: (day) => between(150, 190)(day % 365) }))).toEqual([]);
    const hardlyOpen = (day: number) => between(150, 190)(day % 365) && (day < 365 || day % 10 > 0);
    expect(found(shop({ closed: hardlyOpen }))).toEqual([]);
    expect(found(shop({ closed: between(150, 190), history: 360 }))).toHaveLength(1);
  });

  it.each([1, 3])('are none where all purchases are dated on the first day of %d months', (months) => {
    const { columns, repeats } = shop({ customers: 6_000 });
    const dated = (day: number) => {
      const date = new Date(day * dayMs);
      return Date.UTC(date.getUTCFullYear(), months * Math.floor(date.getUTCMonth() / months)) / dayMs;
    };
    const age = columns.age.map((days) => now - dated(now - days));
    const datedRepeats = repeats.map((repeat) => ({ ...repeat, day: dated(repeat.day) }));
    expect(findClosures({ ...columns, age }, datedRepeats, asOf)).toEqual([]);
  });

  it('hardly pass on the clock', () => {
    const clock = learnPurchaseClock({ ...shop({ closed: between(700, 760) }), asOf });
    expect(clock).toMatchObject({ season: null, pace: null });
    const [{ from, to }] = clock.closures as [Closure];
    const before = new Date((from - 30) * dayMs);
    expect(shopHorizon(clock, before, 180)).toBeCloseTo(180 - 0.99 * (to - from), 9);
    expect(shopHorizon(clock, new Date((from + 10) * dayMs), 90)).toBeCloseTo(90 - 0.99 * (to - from - 10), 9);
    expect(shopHorizon(clock, new Date(from * dayMs), 21)).toBeCloseTo(0.21, 9);
    expect(shopHorizon(clock, asOf, 180)).toBeCloseTo(180, 9);
  });
});
