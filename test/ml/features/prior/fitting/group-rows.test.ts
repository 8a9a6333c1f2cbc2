import { describe, expect, it } from 'vitest';
import { groupRows } from '../../../../../src/ml/features/prior/fitting/group-rows.js';
import { Random } from '../../../../../src/random.js';

describe('groupRows', () => {
  it('puts equal rows together, in the order of their first appearance', () => {
    const groups = groupRows([Float64Array.of(1, 2, 1, 1), Float64Array.of(0.5, 0.5, 0.5, 0.25)]);
    expect([...groups.groupOf]).toEqual([0, 1, 0, 2]);
    expect([...groups.firstRow]).toEqual([0, 1, 3]);
    expect([...groups.count]).toEqual([2, 1, 1]);
  });

  it('agrees with a map over the rows’ text on many rows', () => {
    const random = new Random(8);
    const columns = [0, 1, 2].map(() => Float64Array.from({ length: 5000 }, () => random.integer(12) / 7));
    const { groupOf, count } = groupRows(columns);
    const seen = new Map<string, number>();
    for (let row = 0; row < 5000; row++) {
      const key = columns.map((column) => column[row]).join(' ');
      if (!seen.has(key)) seen.set(key, seen.size);
      expect(groupOf[row]).toBe(seen.get(key));
    }
    expect(count.length).toBe(seen.size);
    expect(count.reduce((sum, rows) => sum + rows, 0)).toBe(5000);
  });

  it('has no groups without rows', () => {
    expect(groupRows([new Float64Array(0)]).firstRow).toHaveLength(0);
  });
});
