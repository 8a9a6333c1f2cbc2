import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../../../src/days.js';
import { sum } from '../../../../../src/math.js';
import { findClosures } from '../../../../../src/ml/features/prior/clock/closures.js';
import { learnPriorForm } from '../../../../../src/ml/features/prior/learn-prior-form.js';
import { predictPriorBatch } from '../../../../../src/ml/features/prior/predict-prior.js';
import { dateOfGifts } from '../../../../../src/ml/features/prior/yearly/date-of-gifts.js';
import { fitted } from '../shops.js';
import { donorsAt, giftDays } from './donors.js';

const years = giftDays({ firstYear: 1995, years: 12, cohorts: 1, donors: 3_000 }, 'one date');

/** The same gifts, dated the day of their year that `date` is, such as `06-15`. */
function dated(date: string): number[][] {
  const dayIn = (day: number) => Date.parse(`${new Date(day * dayMs).getUTCFullYear()}-${date}`) / dayMs;
  return years.map((days) => days.map(dayIn));
}

describe('gifts that all bear the date of one day of the year', () => {
  it.each([
    ['01-01', '2002-01-01'],
    ['01-01', '2002-01-02'],
    ['01-01', '2002-02-20'],
    ['12-31', '2002-02-20'],
    ['12-31', '2002-12-31'],
    ['06-15', '2002-06-16'],
    ['07-01', '2002-07-15'],
    ['07-01', '2002-10-01'],
  ])('are expected as many as come: of %s, as of %s', (date, day) => {
    const asOf = new Date(day);
    for (const horizonDays of [365, 1_095]) {
      const { columns, repeats, gifts } = donorsAt(dated(date), asOf, horizonDays);
      const form = learnPriorForm({ columns, repeats, asOf });
      const { parameters } = fitted(columns, { ...form, asOf });
      const { expectedPurchases } = predictPriorBatch(parameters, columns, horizonDays, asOf);
      expect(Math.abs(sum(expectedPurchases) / sum(gifts) - 1)).toBeLessThan(0.08);
    }
  });

  it('are told from others, and from a sale of one day', () => {
    const of = (days: readonly number[][]) => dateOfGifts(donorsAt(days, new Date('2002-01-01'), 1).repeats);
    expect(of(dated('06-15'))).toEqual({ month: 5, day: 15 });
    expect(of(dated('02-28'))).toEqual({ month: 1, day: 28 });
    const everyFifth = dated('06-15').map((days, i) => (i % 5 === 0 ? years[i]! : days));
    expect(of(everyFifth)).toBeNull();
    expect(of(years)).toBeNull();
    const sale = Date.parse('2001-06-15') / dayMs;
    expect(dateOfGifts([{ firstDay: sale - 400, day: sale, count: 500 }])).toBeNull();
  });

  it('have no closure since the date: nobody gave on the same days of earlier years, either', () => {
    for (const day of ['2002-02-20', '2002-04-10']) {
      const asOf = new Date(day);
      const { columns, repeats } = donorsAt(dated('01-01'), asOf, 1);
      expect(findClosures(columns, repeats, asOf)).toEqual([]);
    }
  });
});
