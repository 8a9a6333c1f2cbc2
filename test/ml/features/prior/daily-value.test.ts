import { describe, expect, it } from 'vitest';
import { dailyValue, dailyValues } from '../../../../src/ml/features/prior/daily-value.js';
import { toRfmColumns } from '../../../../src/ml/features/prior/rfm-summary.js';
import { CDNOW_PRIOR as prior } from './shops.js';

const asOf = new Date('2011-06-01');
const days = 60;
/** From the one who has just bought to the one who hardly comes back. */
const customers = Array.from({ length: 1_250 }, (_, i) => ({
  frequency: 4,
  recency: 1_300 - i,
  age: 1_300,
  monetary: 45,
  firstValue: 20,
}));

describe('what is expected of customers a day', () => {
  it('is kept for each of a few, ascending', () => {
    const few = customers.slice(0, 3);
    const each = few.map((customer) => dailyValue(prior, customer, days, asOf)).toReversed();
    dailyValues(prior, toRfmColumns(few), days, asOf).forEach((value, i) => expect(value).toBeCloseTo(each[i]!, 9));
  });

  it('is the mean of each of five hundred parts of many', () => {
    const parts = dailyValues(prior, toRfmColumns(customers), days, asOf);
    const each = customers.map((customer) => dailyValue(prior, customer, days, asOf)).toReversed();
    expect(parts).toHaveLength(500);
    expect(parts[0]).toBeCloseTo((each[0]! + each[1]!) / 2, 9);
    expect(parts[1]).toBeCloseTo((each[2]! + each[3]! + each[4]!) / 3, 9);
    expect(parts[499]).toBeCloseTo((each[1_247]! + each[1_248]! + each[1_249]!) / 3, 9);
  });
});
