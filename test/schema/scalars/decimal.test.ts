import { parseValue } from 'graphql';
import { expect, it } from 'vitest';
import { DecimalScalar } from '../../../src/schema/scalars/decimal.scalar.js';

it.each([
  ['"19.90"', '19.90'],
  ['12345678901234567890.5', '12345678901234567890.5'],
  ['1e3', 1_000],
  ['-2.5E-1', -0.25],
])('a decimal is written as %s', (written, value) => {
  expect(DecimalScalar.parseLiteral(parseValue(written), {})).toBe(value);
});

it('what is no number is none', () => {
  expect(() => DecimalScalar.parseLiteral(parseValue('true'), {})).toThrow('A Decimal is a text');
});
