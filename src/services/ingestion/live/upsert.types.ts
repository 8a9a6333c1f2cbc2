/** Most items of one call. */
export const maximumBatchSize = 1_000;

export const itemStatuses = ['CREATED', 'UPDATED', 'UNCHANGED', 'DELETED', 'UNKNOWN', 'REJECTED'] as const;
export type ItemStatus = (typeof itemStatuses)[number];

/** What became of one item of a batch. */
export interface ItemResult {
  /** Position in the batch, from 0. */
  readonly index: number;
  readonly externalId: string | null;
  readonly status: ItemStatus;
  /** Why it was rejected. */
  readonly reason?: string;
  /** What is likely wrong with it, although it was accepted. */
  readonly warning?: string;
}
