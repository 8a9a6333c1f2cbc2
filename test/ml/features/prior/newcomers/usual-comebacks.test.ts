import { expect, it } from 'vitest';
import { arrivalsOf, usualComebacks } from '../../../../../src/ml/features/prior/newcomers/usual-comebacks.js';
import { Random } from '../../../../../src/random.js';

const calendar = { season: null, pace: null, earlyGain: 0 };
const now = 20_000;

/** Who came at different times; three in ten come back, after 40 days on average. */
function arrivals(count: number) {
  const random = new Random('comebacks');
  const age = Float64Array.from({ length: count }, () => 1 + random.integer(300));
  const comebacks = [...age].flatMap((days) => {
    const wait = random.uniform() < 0.3 ? Math.ceil(random.exponential(1 / 40)) : Infinity;
    return wait < days ? [{ firstDay: now - days, day: now - days + wait, count: 1 }] : [];
  });
  return arrivalsOf({ age }, comebacks, calendar, now);
}

it('is the chance to have bought again, also where most have been there for a short time', () => {
  const usual = usualComebacks(arrivals(20_000), 200);
  for (const days of [10, 40, 100, 200]) {
    expect(Math.abs(usual.within(days) - 0.3 * (1 - Math.exp(-(days - 1) / 40)))).toBeLessThan(0.015);
  }
  expect(usual.within(0)).toBe(0);
  expect(usual.within(1)).toBe(0);
  expect(usual.seen).toBeGreaterThan(3_000);
});

it('misses nobody before the day on which all come back', () => {
  const customers = {
    firstDay: now - 90,
    customers: 100,
    length: 90,
    logPace: 0,
    comebacks: [{ length: 30, count: 80 }],
  };
  const usual = usualComebacks([customers], 60);
  expect(usual.within(30)).toBe(0);
  expect(usual.within(31)).toBeCloseTo(0.8, 12);
  expect(usual.within(60)).toBeCloseTo(0.8, 12);
  expect(usual.seen).toBe(80);
  expect(usualComebacks([], 60).within(50)).toBe(0);
});

it('waits no longer for who has come back', () => {
  const comebacks = [
    { length: 10, count: 50 },
    { length: 11, count: 25 },
  ];
  const usual = usualComebacks([{ firstDay: now - 90, customers: 100, length: 90, logPace: 0, comebacks }], 60);
  expect(usual.within(11)).toBeCloseTo(0.5, 12);
  expect(usual.within(12)).toBeCloseTo(0.75, 12);
});
