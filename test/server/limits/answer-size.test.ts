import { describe, expect, it } from 'vitest';
import { isTooLarge } from '../../../src/server/limits/answer-size.js';

describe('the size of an answer', () => {
  it('goes by how many characters its numbers have', () => {
    const numbers = (value: number) => ({ data: Array.from({ length: 1_800_000 }, () => value) });
    expect(JSON.stringify(numbers(7)).length).toBeLessThan(4_000_000);
    expect(isTooLarge(numbers(7))).toBe(false);
    expect(JSON.stringify(numbers(0.1 + 0.2)).length).toBeGreaterThan(33_554_432);
    expect(isTooLarge(numbers(0.1 + 0.2))).toBe(true);
  });

  it('goes by its texts and names as JSON writes them', () => {
    const texts = (text: string) => ({ data: Array.from({ length: 100 }, () => ({ [text]: text })) });
    for (const [character, written] of [
      ['x', 1],
      ['"', 2],
      ['\u0001', 6],
      ['\ud800', 6],
    ] as const) {
      const times = (characters: number) => texts(character.repeat(Math.ceil(characters / written)));
      expect(isTooLarge(times(167_000))).toBe(false);
      expect(isTooLarge(times(168_000))).toBe(true);
      expect(JSON.stringify(times(168_000)).length).toBeGreaterThan(33_554_432);
    }
  });

  it('goes by its lists and objects, too, of which many may be empty', () => {
    const hundredThousand = (empty: object) => Array.from<object>({ length: 100_000 }).fill(empty);
    const millions = (tenths: number, empty: object) =>
      Array.from<object>({ length: tenths }).fill(hundredThousand(empty));
    for (const empty of [[], {}]) {
      expect(isTooLarge({ data: millions(111, empty) })).toBe(false);
      expect(isTooLarge({ data: millions(112, empty) })).toBe(true);
    }
  });
});
