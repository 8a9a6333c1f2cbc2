import type { Queryable } from '../../database/queryable.js';
import type { IngestionSession } from '../ingestion/ingestion-session.js';
import type { DescribingRow } from './describing-rows.js';

/** A record that a row names. */
export interface FoundRecord {
  /** Of the record, unique among those of its kind. */
  readonly key: string;
  readonly externalId: string;
  /** Whether it has a caption, or a text, already. */
  readonly isDescribed: boolean;
}

export interface Description {
  readonly record: FoundRecord;
  readonly text: string;
}

/** How the descriptions of one kind are kept. */
export interface DescribedRecords {
  /** The record of each row, or why it has none. */
  find(database: Queryable, source: string, rows: readonly DescribingRow[]): Promise<(FoundRecord | string)[]>;
  /**
   * Writes descriptions, those of records that have another by now only where `again`. In a transaction.
   * @returns how many changed, and the customers of whom something is known that was not
   */
  write(
    session: IngestionSession,
    source: string,
    descriptions: readonly Description[],
    again: boolean,
  ): Promise<{ readonly changed: number; readonly customerIds: readonly string[] }>;
}
