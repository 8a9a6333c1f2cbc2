import { parseValue } from 'graphql';
import { expect, it } from 'vitest';
import { JsonObjectScalar } from '../../../src/schema/scalars/json-object.scalar.js';

const read = (literal: string): unknown => JsonObjectScalar.parseLiteral(parseValue(literal), { given: 'social' });

it('reads what JSON has, and variables within it', () => {
  const literal = '{ a: 1, b: [true, null, "x", 1.5], c: { d: $given } }';
  expect(JSON.parse(JSON.stringify(read(literal)))).toEqual({ a: 1, b: [true, null, 'x', 1.5], c: { d: 'social' } });
});

it.each(['{ channel: social }', '{ channel: [social] }', '{ a: { channel: social } }'])(
  'refuses a word without quotes, without which a filter would let all customers through: %s',
  (literal) => {
    expect(() => read(literal)).toThrow('JSON has no social. Put a text in quotes: "social".');
  },
);

it('refuses what is no object', () => {
  const told = 'A JSONObject is an object such as { channel: "social" }, not a text that holds one, nor a list.';
  for (const literal of ['[1]', '"{}"', 'social']) expect(() => read(literal)).toThrow(told);
  for (const value of [[1], '{}', 1, null]) expect(() => JsonObjectScalar.parseValue(value)).toThrow(told);
  expect(JsonObjectScalar.parseValue({ channel: ['social'] })).toEqual({ channel: ['social'] });
});
