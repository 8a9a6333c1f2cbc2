import type { Random } from '../../random.js';

/** Draws items by weight in O(log n), since the weights are summed once. */
export class Weighted<T> {
  private readonly cumulative: Float64Array;
  private readonly total: number;

  constructor(
    readonly items: readonly T[],
    weights: readonly number[],
  ) {
    this.cumulative = new Float64Array(items.length);
    let sum = 0;
    for (let i = 0; i < items.length; i++) this.cumulative[i] = sum += weights[i] ?? 0;
    this.total = sum;
  }

  pick(random: Random): T {
    const threshold = random.uniform() * this.total;
    let low = 0;
    let high = this.items.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.cumulative[middle] as number) > threshold) high = middle;
      else low = middle + 1;
    }
    return this.items[low] as T;
  }
}
