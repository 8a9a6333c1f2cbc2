import { expect, it } from 'vitest';
import { dayNumber } from '../../../src/days.js';
import { featureDefinitions } from '../../../src/ml/features/feature-definitions.js';
import { monthsMissed } from '../../../src/ml/features/months-missed.js';

const missed = (last: string, asOf: string) => {
  const silent = dayNumber(new Date(asOf)) - dayNumber(new Date(last));
  const features = featureDefinitions.map(({ name }) => (name === 'days_since_last' ? silent : null));
  return monthsMissed({ features, asOf: new Date(asOf) });
};

it.each([
  ['2024-05-01', '2024-05-02', 0],
  // What is bought on the as-of day is not known yet.
  ['2024-05-01', '2024-06-01', 0],
  ['2024-05-01', '2024-06-02', 1],
  ['2024-05-01', '2024-06-01T23:59Z', 0],
  ['2024-05-15', '2024-06-14', 0],
  ['2023-12-15', '2024-01-16', 1],
  ['2022-12-15', '2024-06-15', 17],
  ['2022-12-15', '2024-06-16', 18],
  // The last day of a month stands for the last of each.
  ['2024-02-29', '2024-03-31', 0],
  ['2024-02-29', '2024-04-01', 1],
  ['2024-01-31', '2024-02-29', 0],
  ['2024-01-31', '2024-03-01', 1],
])('last bought on %s, as of %s: %i months', (last, asOf, months) => {
  expect(missed(last, asOf)).toBe(months);
});

it('never falls as time passes', () => {
  for (let last = Date.UTC(2023, 0, 1); last < Date.UTC(2024, 3, 1); last += 86_400_000) {
    let before = 0;
    for (let days = 1; days < 130; days++) {
      const now = missed(new Date(last).toISOString(), new Date(last + days * 86_400_000).toISOString());
      expect(now - before).toBeOneOf([0, 1]);
      before = now;
    }
    expect(before).toBeOneOf([3, 4]);
  }
});
