import { describe, expect, it } from 'vitest';
import { timesAsOften } from '../../../../../src/ml/features/prior/clock/times-as-often.js';
import type { RepeatPurchases } from '../../../../../src/ml/features/repeat-purchases.js';

const now = 800;
const asOf = new Date(now * 86_400_000);
const shop = { season: null, pace: null };

/** One customer comes each day; `often` says how many purchases customers of an age make on a day. */
function evenShop(often: (day: number, age: number, firstDay: number) => number) {
  const firstDays = Array.from({ length: now }, (_, day) => day);
  const repeats: RepeatPurchases[] = firstDays.flatMap((firstDay) =>
    Array.from({ length: now - firstDay - 1 }, (_, i) => {
      const day = firstDay + i + 1;
      return { firstDay, day, count: often(day, i + 1, firstDay) };
    }),
  );
  return { age: Float64Array.from(firstDays, (day) => now - day), repeats };
}

const timesSince = (since: number, often: Parameters<typeof evenShop>[0]): number => {
  const { age, repeats } = evenShop(often);
  return timesAsOften({ age }, repeats, shop, { asOf, since });
};

describe('how many times as often customers have bought since a day', () => {
  const ageing = (age: number) => 1 / (1 + age / 50);

  it('is 1 where nothing but their age matters', () => {
    expect(timesSince(600, (_, age) => ageing(age))).toBeCloseTo(1, 1);
    expect(timesSince(600, (_, age, firstDay) => ((age + 37 * firstDay) % 200 < 20 ? 1 : 0))).toBeCloseTo(1, 1);
  });

  it('is the rise where all buy more often since', () => {
    expect(timesSince(600, (day, age) => (day >= 600 ? 3 : 1) * ageing(age))).toBeCloseTo(3, 1);
  });

  it('leaves out who was first seen when history began, and may be of any age', () => {
    const often = (day: number, age: number, firstDay: number) =>
      firstDay < 150 ? 2 : (day >= 600 ? 2 : 1) * ageing(age);
    expect(timesSince(600, often)).toBeCloseTo(2, 1);
  });

  it('does not go by what the one customer bought who was as old before', () => {
    // Ages of 392 to 419 days are taken together: of these the first customer who counts had a single day before the rise, and bought.
    const often = (day: number, age: number, firstDay: number) =>
      firstDay === 200 && age === 392 ? 1 : (day >= 593 ? 2 : 1) * 0.01;
    expect(timesSince(593, often)).toBeCloseTo(2, 1);
  });

  it('is no number where nobody was as old before', () => {
    const one = { age: Float64Array.of(100), repeats: [{ firstDay: now - 100, day: now - 50, count: 1 }] };
    expect(timesAsOften(one, one.repeats, shop, { asOf, since: now - 100 })).toBeNaN();
  });
});
