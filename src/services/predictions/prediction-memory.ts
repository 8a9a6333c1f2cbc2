import { LRUCache } from 'lru-cache';
import type { ServingState } from '../models/active-model.js';
import type { PredictionPeriod, StoredPrediction } from './prediction-store.js';

/** Number of customers whose predictions are cached, with some 500 bytes each. */
const capacity = 50_000;

/** The state in which a prediction was read. It is invalid after another ranking of the base, or with newer facts. */
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
 * A cache of the predictions that were asked for last. What decides on their validity is read from the database with every request, so
 * that processes need not notify each other.
 */
export class PredictionMemory {
  private readonly entries = new LRUCache<string, Entry>({ max: capacity });

  /** Undefined where there is no valid entry. */
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
