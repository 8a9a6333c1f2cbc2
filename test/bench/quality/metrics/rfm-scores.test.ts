import { describe, expect, it } from 'vitest';
import { rfmScores } from '../../../../bench/quality/metrics/rfm-scores.js';

describe('rfmScores', () => {
  it('adds three scores by fifths of the base', () => {
    const scores = rfmScores({
      recencyDays: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], // 5 5 4 4 3 3 2 2 1 1
      frequency: [10, 1, 9, 2, 8, 3, 7, 4, 6, 5], // 5 1 5 1 4 2 4 2 3 3
      monetary: [5, 5, 5, 5, 5, 5, 5, 5, 5, 5], // 3 each
    });
    expect([...scores]).toEqual([13, 9, 12, 8, 10, 8, 9, 7, 7, 7]);
  });

  it('gives customers who are alike the score of the middle of their ranks', () => {
    // Seven of ten have bought once: ranks 1 to 7, the middle is 4, in the second fifth.
    const same = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    const scores = rfmScores({ recencyDays: same, frequency: [1, 1, 1, 1, 1, 1, 1, 2, 3, 4], monetary: same });
    expect([...scores]).toEqual([8, 8, 8, 8, 8, 8, 8, 10, 11, 11]);
  });

  it('is 15 for the best and 3 for the worst', () => {
    const rising = Array.from({ length: 1_000 }, (_, i) => i);
    const scores = rfmScores({ recencyDays: rising.toReversed(), frequency: rising, monetary: rising });
    expect([scores[0], scores[199], scores[200], scores[999]]).toEqual([3, 3, 6, 15]);
  });
});
