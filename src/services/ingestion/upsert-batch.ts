import type { z } from 'zod';
import { ClvError } from '../../errors.js';
import { type ItemResult, type ItemStatus, maximumBatchSize } from './upsert.types.js';
import { problemsOf } from '../zod-problems.js';

/** A batch whose bad items are set aside: they never stop the others. */
export class UpsertBatch<Item extends { externalId: string }> {
  readonly items: Item[] = [];
  private readonly accepted: { readonly index: number; readonly key: string; readonly externalId: string }[] = [];
  private readonly rejected: ItemResult[] = [];

  /**
   * @param keyOf tells items of the batch apart; of two with the same key the second is rejected
   * @throws ClvError BAD_USER_INPUT when the batch is too large
   */
  constructor(
    given: readonly unknown[],
    schema: z.ZodType<Item>,
    readonly keyOf: (item: Item) => string = ({ externalId }) => externalId,
  ) {
    if (given.length > maximumBatchSize) {
      throw new ClvError(
        'BAD_USER_INPUT',
        `The batch has ${given.length} items; at most ${maximumBatchSize} are taken. Send it in several calls.`,
      );
    }
    const seen = new Map<string, number>();
    for (const [index, value] of given.entries()) {
      const parsed = schema.safeParse(value);
      if (!parsed.success) {
        this.reject(index, externalIdOf(value), problemsOf(parsed.error, 'item'));
        continue;
      }
      const item = parsed.data;
      const key = keyOf(item);
      const earlier = seen.get(key);
      if (earlier === undefined) {
        seen.set(key, index);
        this.items.push(item);
        this.accepted.push({ index, key, externalId: item.externalId });
      } else {
        this.reject(index, item.externalId, `is in this batch already, as item ${earlier}`);
      }
    }
  }

  /** External ids of the items. */
  get ids(): string[] {
    return this.items.map(({ externalId }) => externalId);
  }

  /**
   * One result for each item, in their order.
   * @param created keys of the items whose record was created
   * @param updated keys of those of which anything changed
   * @param refused keys of those that only what is stored could tell to be wrong, each with the reason
   */
  results(
    created: ReadonlySet<string>,
    updated: ReadonlySet<string>,
    refused: ReadonlyMap<string, string> = new Map(),
  ): ItemResult[] {
    const statusOf = (key: string) => {
      if (created.has(key)) return 'CREATED';
      return updated.has(key) ? 'UPDATED' : 'UNCHANGED';
    };
    return this.settled(statusOf, refused);
  }

  /**
   * The same of a batch that deletes.
   * @param deleted keys of the items whose record was there
   */
  resultsOfDeletion(deleted: ReadonlySet<string>): ItemResult[] {
    return this.settled((key) => (deleted.has(key) ? 'DELETED' : 'UNKNOWN'), new Map());
  }

  private settled(statusOf: (key: string) => ItemStatus, refused: ReadonlyMap<string, string>): ItemResult[] {
    const settled = this.accepted.map(({ index, key, externalId }): ItemResult => {
      const reason = refused.get(key);
      return reason === undefined
        ? { index, externalId, status: statusOf(key) }
        : { index, externalId, status: 'REJECTED', reason };
    });
    return [...settled, ...this.rejected].sort((a, b) => a.index - b.index);
  }

  private reject(index: number, externalId: string | null, reason: string): void {
    this.rejected.push({ index, externalId, status: 'REJECTED', reason });
  }
}

function externalIdOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('externalId' in value)) return null;
  return typeof value.externalId === 'string' ? value.externalId : null;
}
