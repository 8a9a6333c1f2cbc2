import type { z } from 'zod';
import { ClvError } from '../../../errors.js';
import { forEachInTurns } from './turns.js';
import { type ItemResult, type ItemStatus, maximumBatchSize } from './upsert.types.js';
import { problemsOf } from '../../zod-problems.js';

/** A record that a batch has created or changed, by the key of its item. */
export interface Change {
  readonly external_id: string;
  readonly created: boolean;
}

/** A batch without its bad items, which are rejected and do not stop the others. */
export class UpsertBatch<Item extends { externalId: string }> {
  readonly items: Item[] = [];
  private readonly accepted: { readonly index: number; readonly key: string; readonly externalId: string }[] = [];
  private readonly rejected: ItemResult[] = [];
  /** Position of each key in the batch. */
  private readonly seen = new Map<string, number>();

  private constructor(
    private readonly schema: z.ZodType<Item>,
    private readonly keyOf: (item: Item) => string,
  ) {}

  /**
   * @param keyOf identifies items; the second of two with the same key is rejected
   * @throws ClvError BAD_USER_INPUT when the batch is too large
   */
  static async of<Item extends { externalId: string }>(
    given: readonly unknown[],
    schema: z.ZodType<Item>,
    keyOf: (item: Item) => string = ({ externalId }) => externalId,
  ): Promise<UpsertBatch<Item>> {
    if (given.length > maximumBatchSize) {
      throw new ClvError(
        'BAD_USER_INPUT',
        `The batch has ${given.length} items; at most ${maximumBatchSize} are taken. Send it in several calls.`,
      );
    }
    const batch = new UpsertBatch(schema, keyOf);
    await forEachInTurns(given.entries(), ([index, value]) => batch.take(value, index));
    return batch;
  }

  /** External ids of the items. */
  get ids(): string[] {
    return this.items.map(({ externalId }) => externalId);
  }

  /**
   * One result for each item, in their order.
   * @param changes may name a record more than once
   * @param refused keys and reasons of those that are wrong in view of what is stored
   * @param warnings of accepted ones, by key
   */
  results(
    changes: readonly Change[],
    refused?: ReadonlyMap<string, string>,
    warnings?: ReadonlyMap<string, string>,
  ): ItemResult[] {
    const changed = new Set(changes.map((change) => change.external_id));
    const created = new Set(changes.filter((change) => change.created).map((change) => change.external_id));
    const statusOf = (key: string) => {
      if (created.has(key)) return 'CREATED';
      return changed.has(key) ? 'UPDATED' : 'UNCHANGED';
    };
    return this.settled(statusOf, refused, warnings);
  }

  /**
   * One result for each item of a batch that deletes, in their order.
   * @param deleted keys of the items whose record was there
   */
  resultsOfDeletion(deleted: ReadonlySet<string>): ItemResult[] {
    return this.settled((key) => (deleted.has(key) ? 'DELETED' : 'UNKNOWN'));
  }

  private take(value: unknown, index: number): void {
    const parsed = this.schema.safeParse(value);
    if (!parsed.success) {
      this.reject(index, externalIdOf(value), problemsOf(parsed.error, 'item'));
      return;
    }
    const item = parsed.data;
    const key = this.keyOf(item);
    const earlier = this.seen.get(key);
    if (earlier !== undefined) {
      this.reject(index, item.externalId, `is in this batch already, as item ${earlier}`);
      return;
    }
    this.seen.set(key, index);
    this.items.push(item);
    this.accepted.push({ index, key, externalId: item.externalId });
  }

  private settled(
    statusOf: (key: string) => ItemStatus,
    refused?: ReadonlyMap<string, string>,
    warnings?: ReadonlyMap<string, string>,
  ): ItemResult[] {
    const settled = this.accepted.map(({ index, key, externalId }): ItemResult => {
      const reason = refused?.get(key);
      if (reason !== undefined) return { index, externalId, status: 'REJECTED', reason };
      const warning = warnings?.get(key);
      return { index, externalId, status: statusOf(key), ...(warning !== undefined && { warning }) };
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
