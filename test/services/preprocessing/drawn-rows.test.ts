import { expect, it } from 'vitest';
import { drawnOf } from '../../../src/services/preprocessing/drawn-rows.js';

const windows = [false, true].map((validation) => ({ asOf: '2025-01-01T00:00:00.000Z', horizonDays: 90, validation }));
/** Customers of an older window and of the one that is checked. */
const drawn = (older: number, newest: number, heldOut: number, maxTrainingRows: number) =>
  drawnOf(
    [
      { TRAIN: older, VALIDATION: 500 },
      { TRAIN: newest, VALIDATION: heldOut },
    ],
    windows,
    maxTrainingRows,
  );

it('half of the rows to train on are of the newest window, and a sixth as many are held out', () => {
  expect(drawn(1_000, 2_000, 400, 600)).toEqual({
    shares: { newest: 0.15, others: 0.3, validation: 0.25 },
    drawn: { train: 600, validation: 100 },
    available: 3_000,
  });
});

it('more are of older windows where the newest has too few customers', () => {
  expect(drawn(1_000, 100, 50, 600)).toEqual({
    shares: { newest: 1, others: 0.5, validation: 1 },
    drawn: { train: 600, validation: 50 },
    available: 1_100,
  });
});

it('all customers are drawn of who are fewer than rows are asked for, or none', () => {
  const shares = { newest: 1, others: 1, validation: 1 };
  expect(drawn(10, 20, 4, 600)).toEqual({ shares, drawn: { train: 30, validation: 4 }, available: 30 });
  expect(drawn(0, 0, 0, 600)).toEqual({ shares, drawn: { train: 0, validation: 0 }, available: 0 });
});
