import { describe, expect, it } from 'vitest';
import { descendingOrder } from '../../../../src/ml/training/metrics/descending-order.js';
import { Random } from '../../../../src/random.js';

describe('descendingOrder', () => {
  it('sorts every kind of number, equal ones by row', () => {
    const keys = [0, -1.5, Infinity, 1e-310, -0, 3, -Infinity, 3, -1e300, 2 ** 60];
    expect([...descendingOrder(keys)]).toEqual([2, 9, 5, 7, 3, 0, 4, 1, 8, 6]);
    expect([...descendingOrder([])]).toEqual([]);
    expect([...descendingOrder([2, 2, 2])]).toEqual([0, 1, 2]);
  });

  it('agrees with a comparison sort', () => {
    const random = new Random(4);
    const keys = Float64Array.from({ length: 3000 }, () =>
      random.uniform() < 0.3 ? random.integer(5) : random.normal() * 10 ** random.integer(8),
    );
    const expected = Array.from(keys, (_, i) => i).toSorted((left, right) => keys[right]! - keys[left]!);
    expect([...descendingOrder(keys)]).toEqual(expected);
  });
});
