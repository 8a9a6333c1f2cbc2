import { describe, expect, it } from 'vitest';
import { forEachInTurns } from '../../../../src/services/ingestion/live/turns.js';

const busyFor = (ms: number): void => {
  for (const end = performance.now() + ms; performance.now() < end;);
};

describe('long work in turns', () => {
  it('goes through all items in their order and lets others through every few milliseconds', async () => {
    const seen: (number | string)[] = [];
    const other = setInterval(() => seen.push('other'), 1);
    await forEachInTurns([1, 2, 3, 4], (item) => {
      busyFor(12);
      seen.push(item);
    }).finally(() => clearInterval(other));
    expect(seen.filter((each) => each !== 'other')).toEqual([1, 2, 3, 4]);
    for (const item of [1, 2, 3]) expect(seen[seen.indexOf(item) + 1]).toBe('other');
  });

  it('keeps the items of short work together', async () => {
    let turns = 0;
    const count = () => void (turns++, (other = setImmediate(count)));
    let other = setImmediate(count);
    await forEachInTurns(Array(1_000).keys(), () => undefined).finally(() => clearImmediate(other));
    expect(turns).toBeLessThan(20);
  });

  it('fails as the work does', async () => {
    const work = (item: number) => {
      if (item === 2) throw new Error('the second');
    };
    await expect(forEachInTurns([1, 2, 3], work)).rejects.toThrow('the second');
  });
});
