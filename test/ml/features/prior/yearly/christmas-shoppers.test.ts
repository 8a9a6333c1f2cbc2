import { describe, expect, it } from 'vitest';
import { dayMs } from '../../../../../src/days.js';
import { learnPriorForm } from '../../../../../src/ml/features/prior/learn-prior-form.js';
import { Random } from '../../../../../src/random.js';
import { donorsAt } from './donors.js';

const start = Date.UTC(2014, 0, 1) / dayMs;
const years = 5;

/** Days of purchases: so large a share buys at Christmas only, in most years; the others at any time while they stay. */
function purchaseDays(share: number, customers: number): number[][] {
  return Array.from({ length: customers }, (_, i) => {
    const random = new Random(`christmas/${i}`);
    const joined = (years - 1) * 365 * random.uniform();
    const days = new Set<number>();
    if (i < share * customers) {
      const buys = random.beta(2, 1);
      for (let year = Math.floor(joined / 365); year < years; year++) {
        if (days.size === 0 || random.uniform() < buys) days.add(start + year * 365 + 305 + random.integer(59));
      }
      return [...days];
    }
    const rate = random.gamma(0.7, 50);
    const left = joined + random.exponential(random.gamma(0.8, 300));
    for (let day = joined; day < Math.min(left, years * 365); day += random.exponential(rate)) {
      days.add(start + Math.floor(day));
    }
    return [...days];
  });
}

describe('a shop where many buy at Christmas only', () => {
  it('has a season, though nobody could come back at Christmas in its first year', () => {
    const asOf = new Date('2018-01-01');
    const { columns, repeats } = donorsAt(purchaseDays(0.4, 3_000), asOf, 365);
    const form = learnPriorForm({ columns, repeats, asOf });
    // What January sees of it is no rise of the shop's pace.
    expect(form).toMatchObject({ pace: null });
    expect(form.yearly).toBeUndefined();
    expect(Math.min(...form.season!.slice(10))).toBeGreaterThan(1.3);
  });

  it('has years that end with Christmas, where most of them buy once in each', () => {
    for (const asOf of [new Date('2017-07-01'), new Date('2018-01-01')]) {
      const { columns, repeats } = donorsAt(purchaseDays(0.8, 3_000), asOf, 365);
      expect(learnPriorForm({ columns, repeats, asOf }).yearly).toMatchObject({ firstMonth: 0 });
    }
  });
});
