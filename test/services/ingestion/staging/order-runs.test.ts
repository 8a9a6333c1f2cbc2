import { describe, expect, it } from 'vitest';
import { OrderRuns } from '../../../../src/services/ingestion/staging/order-runs.js';

/** Order and line of each row, by its order's id. */
function numbersOf(ids: readonly string[]): { numbers: number[][]; ascend: boolean } {
  const runs = new OrderRuns();
  const numbers = ids.map((id) => {
    // Somewhere in a block.
    const block = Buffer.from(`x${id}y`);
    runs.next(block, 1, block.length - 1);
    return [runs.order, runs.line];
  });
  return { numbers, ascend: runs.ascend };
}

describe('the rows of a file of order lines', () => {
  it.each([1, 200])('are of one order as long as they have the same id, %d times as long', (times) => {
    const [one, other] = ['A1'.repeat(times), 'A2'.repeat(times)];
    expect(numbersOf([one, one, other, one]).numbers).toEqual([
      [1, 1],
      [1, 2],
      [2, 1],
      [3, 1],
    ]);
  });

  it.each([
    [['9', '9', '10', '11'], true],
    [['10', '9'], false],
    [['A9', 'B1', 'A9'], false],
    [['A1', 'A2', 'A1'], false],
    [['A2', 'A1', 'A2', 'A3'], false],
    [['', 'A', ''], false],
    [['A'.repeat(100), `${'A'.repeat(99)}B`], true],
    [[`${'A'.repeat(99)}B`, 'A'.repeat(100)], false],
  ])('have ids that ascend, so that none comes again, or not: %j', (ids, ascend) => {
    expect(numbersOf(ids).ascend).toBe(ascend);
  });
});
