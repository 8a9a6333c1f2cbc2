import { expect, it } from 'vitest';
import { isStorable, toStorable } from '../src/storable-text.js';

it.each([
  ['a\0b', 'a\uFFFDb'],
  ['\ud800', '\uFFFD'],
  ['😀\udc00\0', '😀\uFFFD\uFFFD'],
])('what Postgres cannot keep of %j is replaced', (text, kept) => {
  expect(isStorable(text)).toBe(false);
  expect(toStorable(text)).toBe(kept);
});

it('Postgres can keep all other texts, however long', () => {
  expect(['', 'a 中 😀\n'].filter((text) => !isStorable(text))).toEqual([]);
  // As many as a request may hold.
  expect(isStorable(`中${'x'.repeat(16 * 2 ** 20)}`)).toBe(true);
});
