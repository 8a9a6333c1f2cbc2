import type { SnapshotSplit } from '../../entities/index.js';
import { sum } from '../../math.js';
import type { TrainingWindow } from '../../ml/features/feature-row.js';

/** Share of the training rows that the newest closed window at the longest horizon gets, as far as it has customers. */
const newestWindowShare = 0.5;
/** Validation rows per training row at most. */
const validationRatio = 1 / 6;

/** Number of customers of one window in each split. */
export type Eligible = Readonly<Record<SnapshotSplit, number>>;

interface Drawn {
  /** Shares of customers to draw: from the newest closed window, from each other window, and from those held out in the newest. */
  readonly shares: { readonly newest: number; readonly others: number; readonly validation: number };
  /** Expected number of rows of each split. */
  readonly drawn: { readonly train: number; readonly validation: number };
  /** Training rows if all were drawn. */
  readonly available: number;
}

/** How many of the customers become rows. @param eligible customers of each window, in the order of `windows` */
export function drawnOf(
  eligible: readonly Eligible[],
  windows: readonly TrainingWindow[],
  maxTrainingRows: number,
): Drawn {
  const available = sum(eligible.map(({ TRAIN }) => TRAIN));
  const newest = eligible[windows.findIndex(({ validation }) => validation)] ?? { TRAIN: 0, VALIDATION: 0 };
  const heldOut = newest.VALIDATION;
  const newestShare = shareOf(newestWindowShare * maxTrainingRows, newest.TRAIN);
  const others = available - newest.TRAIN;
  const othersShare = shareOf(maxTrainingRows - newestShare * newest.TRAIN, others);
  const validationShare = shareOf(maxTrainingRows * validationRatio, heldOut);
  return {
    shares: { newest: newestShare, others: othersShare, validation: validationShare },
    drawn: { train: newestShare * newest.TRAIN + othersShare * others, validation: validationShare * heldOut },
    available,
  };
}

/** The share of the customers that makes up so many rows: all where they are fewer, or none. */
function shareOf(rows: number, customers: number): number {
  return Math.min(1, rows / customers);
}
