import { expect, it } from 'vitest';
import { intervalDeciles } from '../../../../bench/quality/metrics/interval-deciles.js';

it('measures coverage and width by falling prediction', () => {
  const predicted = Array.from({ length: 20 }, (_, i) => i);
  const actual = predicted.map((value) => (value === 19 ? 100 : value));
  const groups = intervalDeciles(actual, predicted, {
    lower: predicted.map((value) => value - 1),
    upper: predicted.map((value) => value + (value < 2 ? 3 : 1)),
  });
  expect(groups).toHaveLength(10);
  // Of customers 19 and 18 only the latter is inside.
  expect(groups[0]).toEqual({ customers: 2, coverage: 0.5, width: 2 });
  expect(groups[9]).toEqual({ customers: 2, coverage: 1, width: 4 });
});

it('levels customers who cannot be told apart', () => {
  const groups = intervalDeciles([1, 0, 0, 1], [5, 5, 5, 5], { lower: [0, 0, 0, 0], upper: [1, 1, 0.5, 0.5] });
  // Three of four are inside, and so is three quarters of each.
  expect(groups.map(({ coverage }) => coverage)).toEqual([0.75, 0.75, 0.75, 0.75]);
  expect(groups.map(({ width }) => width)).toEqual([0.75, 0.75, 0.75, 0.75]);
});
