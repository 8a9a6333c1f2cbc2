import { describe, expect, it } from 'vitest';
import { dayMs, startOfDay } from '../../../src/days.js';
import { asOfGiven } from '../../../src/services/predictions/serving-as-of.js';

describe('the date that predictions are served as of', () => {
  const today = startOfDay(new Date());
  const ago = (days: number) => new Date(today.getTime() - days * dayMs);

  it('is today while the shop sells, and after sixty days without an order the day after the last', () => {
    expect(asOfGiven({ asOf: 'auto' }, null, null)).toEqual(today);
    expect(asOfGiven({ asOf: 'auto' }, null, ago(60))).toEqual(today);
    expect(asOfGiven({ asOf: 'auto' }, null, ago(61))).toEqual(ago(60));
  });

  it('is then that of the last scoring, and always the one that is set', () => {
    expect(asOfGiven({ asOf: 'auto' }, { scoredAsOf: ago(70) }, ago(61))).toEqual(ago(70));
    // An instant stands for its day, also for a scoring that goes by it.
    expect(asOfGiven({ asOf: '2024-07-01T15:00:00Z' }, null, ago(61))).toEqual(new Date('2024-07-01'));
  });
});
