import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MicroBatcher } from '../../src/services/micro-batcher.js';

/** Doubles numbers and remembers its batches. */
function doubling(maxSize = 100) {
  const batches: number[][] = [];
  const batcher = new MicroBatcher<number, number>(
    async (keys) => {
      batches.push([...keys]);
      if (keys.includes(13)) throw new RangeError('unlucky');
      return keys.map((key) => key * 2);
    },
    { waitMs: 3, maxSize },
  );
  return { batcher, batches };
}

describe('MicroBatcher', () => {
  it('joins calls that come close together, and gives each its own values in order', async () => {
    const { batcher, batches } = doubling();
    const answers = await Promise.all([batcher.load([3, 1]), batcher.load([]), batcher.load([1, 2, 5])]);
    expect(answers).toEqual([[6, 2], [], [2, 4, 10]]);
    expect(batches).toEqual([[3, 1, 1, 2, 5]]);
  });

  it('starts a new batch for calls that come later', async () => {
    const { batcher, batches } = doubling();
    expect(await batcher.load([1])).toEqual([2]);
    expect(await batcher.load([2])).toEqual([4]);
    expect(batches).toEqual([[1], [2]]);
  });

  it('waits no longer once a batch is full, and tears no call apart', async () => {
    const { batcher, batches } = doubling(4);
    const answers = await Promise.all([batcher.load([1]), batcher.load([2, 3, 4, 5]), batcher.load([6])]);
    expect(answers).toEqual([[2], [4, 6, 8, 10], [12]]);
    expect(batches).toEqual([[1, 2, 3, 4, 5], [6]]);
  });

  it('is not full before it has as many keys as that, nor cut short by the wait of the batch before', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { batcher, batches } = doubling(4);
    void batcher.load([1, 2, 3]);
    expect(batches).toEqual([]);
    vi.advanceTimersByTime(2);
    void batcher.load([4]);
    void batcher.load([5]);
    vi.advanceTimersByTime(2);
    expect(batches).toEqual([[1, 2, 3, 4]]);
    vi.advanceTimersByTime(1);
    expect(batches).toEqual([[1, 2, 3, 4], [5]]);
  });

  it('gathers calls while as many batches run as may', async () => {
    const batches: number[][] = [];
    const gates: (() => void)[] = [];
    const batcher = new MicroBatcher<number, number>(
      async (keys) => {
        batches.push([...keys]);
        await new Promise<void>((resolve) => gates.push(resolve));
        return keys;
      },
      { waitMs: 0, maxSize: 2, concurrency: 1 },
    );
    const first = batcher.load([1, 2]);
    const others = [batcher.load([3]), batcher.load([4, 5]), batcher.load([6])];
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(batches).toEqual([[1, 2]]);
    gates[0]!();
    expect(await first).toEqual([1, 2]);
    await expect.poll(() => gates.length).toBe(2);
    gates[1]!();
    expect(await Promise.all(others)).toEqual([[3], [4, 5], [6]]);
    expect(batches).toEqual([
      [1, 2],
      [3, 4, 5, 6],
    ]);
  });

  it('fails every call of a batch that fails, and no other', async () => {
    const { batcher } = doubling(3);
    const outcomes = await Promise.allSettled([batcher.load([1]), batcher.load([13, 2]), batcher.load([4])]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    expect(await batcher.load([7])).toEqual([14]);
  });
});
