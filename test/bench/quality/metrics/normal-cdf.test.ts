import { expect, it } from 'vitest';
import { normalCdf } from '../../../../bench/quality/metrics/normal-cdf.js';

// Reference figures: mpmath with 40 digits.
it.each([
  [-30, 4.906713927148187e-198],
  [-8, 6.220960574271784e-16],
  [-7.1, 6.237844463331591e-13],
  [-7, 1.279812543885835e-12],
  [-3, 0.0013498980316300946],
  [-1, 0.15865525393145705],
  [0, 0.5],
  [0.5, 0.6914624612740131],
  [5, 0.9999997133484281],
])('normalCdf(%d)', (x, expected) => {
  expect(Math.abs(normalCdf(x) / expected - 1)).toBeLessThan(1e-7);
  expect(Math.abs(normalCdf(x) - expected)).toBeLessThanOrEqual(1e-15);
});

it('keeps the ends finite', () => {
  expect([normalCdf(-50), normalCdf(50)]).toEqual([0, 1]);
});
