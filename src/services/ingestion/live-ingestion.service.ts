import type { DataSource } from 'typeorm';
import pLimit from 'p-limit';
import type { Config } from '../../config.js';
import { deleteEvents, deleteOrders } from './live/deletions.js';
import { type Erasure, eraseCustomers } from './live/erasure.js';
import { sourceName } from './source-name.js';
import { upsertOrders } from './live/upsert-orders.js';
import type { CustomerInput, EventInput, EventKey, OrderInput, ProductInput } from './live/upsert.schemas.js';
import type { ItemResult, ItemStatus } from './live/upsert.types.js';
import { recordEvents, upsertCustomers, upsertProducts } from './live/upserts.js';

/** What became of a batch: counts, and the outcome of each item. */
export interface BatchResult {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly items: readonly ItemResult[];
}

/** What became of a batch that deletes. */
export interface DeletionResult {
  readonly deleted: number;
  readonly unknown: number;
  readonly rejected: number;
  readonly items: readonly ItemResult[];
}

/** Takes batches from a shop's systems: only the bad items of a batch are rejected. Erases customers. */
export class LiveIngestion {
  /** Limits the batches at a time: while they wait for the load of a file, queries must find connections left. */
  private readonly inTurn;

  constructor(
    private readonly dataSource: DataSource,
    private readonly config: Pick<Config, 'currency' | 'databasePoolSize'>,
  ) {
    this.inTurn = pLimit(Math.max(1, Math.floor(config.databasePoolSize / 2)));
  }

  async customers(items: readonly CustomerInput[], source: string): Promise<BatchResult> {
    const name = sourceName(source);
    return summarised(await this.inTurn(() => upsertCustomers(this.dataSource, items, name)));
  }

  async products(items: readonly ProductInput[], source: string): Promise<BatchResult> {
    const name = sourceName(source);
    return summarised(await this.inTurn(() => upsertProducts(this.dataSource, items, name)));
  }

  async orders(items: readonly OrderInput[], source: string): Promise<BatchResult> {
    const options = { source: sourceName(source), currency: this.config.currency };
    return summarised(await this.inTurn(() => upsertOrders(this.dataSource, items, options)));
  }

  async events(items: readonly EventInput[], source: string): Promise<BatchResult> {
    const name = sourceName(source);
    return summarised(await this.inTurn(() => recordEvents(this.dataSource, items, name)));
  }

  async deleteOrders(externalIds: readonly string[], source: string): Promise<DeletionResult> {
    const name = sourceName(source);
    return summarisedDeletion(await this.inTurn(() => deleteOrders(this.dataSource, externalIds, name)));
  }

  async deleteEvents(events: readonly EventKey[], source: string): Promise<DeletionResult> {
    const name = sourceName(source);
    return summarisedDeletion(await this.inTurn(() => deleteEvents(this.dataSource, events, name)));
  }

  erase(externalIds: readonly string[], source: string): Promise<Erasure> {
    return this.inTurn(() => eraseCustomers(this.dataSource, externalIds, source));
  }
}

function summarised(items: readonly ItemResult[]): BatchResult {
  return {
    created: count(items, 'CREATED'),
    updated: count(items, 'UPDATED'),
    unchanged: count(items, 'UNCHANGED'),
    rejected: count(items, 'REJECTED'),
    items,
  };
}

function summarisedDeletion(items: readonly ItemResult[]): DeletionResult {
  return {
    deleted: count(items, 'DELETED'),
    unknown: count(items, 'UNKNOWN'),
    rejected: count(items, 'REJECTED'),
    items,
  };
}

const count = (items: readonly ItemResult[], status: ItemStatus): number =>
  items.filter((item) => item.status === status).length;
