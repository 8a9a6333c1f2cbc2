import { LRUCache } from 'lru-cache';
import type { ServingState } from '../models/active-model.js';
import type { PredictionPeriod, StoredPrediction } from './prediction-store.js';

/** Customers whose predictions stay in memory, some 500 bytes each. */
const capacity = 50_000;

/** When a prediction was read: of another ranking of the base, or of older facts, it holds no longer. */
export interface ReadAt {
  readonly ranking: ServingState['ranking'];
  readonly period: PredictionPeriod;
  /** `Customer.factsVersion`. */
  readonly factsVersion: string;
}

/** Null for a customer who has bought nothing yet. */
type Remembered = StoredPrediction | null;

interface Entry extends ReadAt {
  readonly prediction: Remembered;
}

/**
 * Stored predictions of the customers that were asked for last. What decides whether one still holds is read from the
 * database with every request, so that no process needs to be told of anything.
 */
export class PredictionMemory {
  private readonly entries = new LRUCache<string, Entry>({ max: capacity });

  /** Undefined where nothing is known that still holds. */
  recall(customerId: string, { ranking, period, factsVersion }: ReadAt): Remembered | undefined {
    const entry = this.entries.get(keyOf(customerId, period));
    if (!entry) return undefined;
    const holds =
      entry.factsVersion === factsVersion &&
      entry.ranking === ranking &&
      entry.period.modelId === period.modelId &&
      entry.period.asOf.getTime() === period.asOf.getTime();
    return holds ? entry.prediction : undefined;
  }

  keep(customerId: string, prediction: Remembered, readAt: ReadAt): void {
    this.entries.set(keyOf(customerId, readAt.period), { ...readAt, prediction });
  }
}

const keyOf = (customerId: string, { horizonDays }: PredictionPeriod): string => `${horizonDays}/${customerId}`;
