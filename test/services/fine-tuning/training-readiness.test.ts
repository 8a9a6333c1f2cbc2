import { describe, expect, it } from 'vitest';
import { largestCredibleValue } from '../../../src/ml/scoring/served-prediction.js';
import {
  leastBuyers,
  leastTrainingRows,
  tooLittleToTrain,
} from '../../../src/services/fine-tuning/training-readiness.js';

const rows = (count: number, buyers: number) =>
  Array.from({ length: count }, (_, i) => ({
    tokenIds: new Int32Array(0),
    tokenGroups: new Uint8Array(0),
    numeric: new Float32Array(0),
    prior: [0, 0] as const,
    value: i < buyers ? 1 : -1,
    weight: 1,
  }));

describe('whether there is enough to train on', () => {
  it.each([
    [leastTrainingRows, leastBuyers, 1, null],
    [leastTrainingRows - 1, leastBuyers, 1, 'INSUFFICIENT_HISTORY'],
    [leastTrainingRows, leastBuyers, 0, 'INSUFFICIENT_HISTORY'],
    [leastTrainingRows, leastBuyers - 1, 1, 'TOO_FEW_PURCHASES'],
    [10 * leastTrainingRows, 0, 100, 'TOO_FEW_PURCHASES'],
  ])('%d rows, %d with a purchase, %d held out: %s', (count, buyers, heldOut, reason) => {
    expect(tooLittleToTrain({ training: rows(count, buyers), validation: rows(heldOut, 0) })).toBe(reason);
  });
});

describe('the bound on expected values', () => {
  it('is three times what any customer bought, and grows with the horizon beyond what was seen', () => {
    expect(largestCredibleValue(100, 90, 180)).toBe(300);
    expect(largestCredibleValue(100, 360, 180)).toBe(600);
    expect(largestCredibleValue(0.01, 90, 90)).toBeCloseTo(0.03, 12);
    expect(largestCredibleValue(0, 90, 0)).toBe(270);
  });
});
