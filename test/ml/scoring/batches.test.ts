import { expect, it } from 'vitest';
import { lengthBucket, wholeBuckets } from '../../../src/ml/scoring/batches.js';

it('texts are padded to multiples of 16 word pieces, one at least', () => {
  expect([0, 1, 16, 17, 64].map(lengthBucket)).toEqual([16, 16, 16, 32, 64]);
});

it('the longest text is one whose padded form still fits', () => {
  expect([15, 16, 31, 63, 512].map(wholeBuckets)).toEqual([0, 16, 16, 48, 512]);
});
