import type { Queryable } from '../../database/queryable.js';
import type { IngestionSession } from '../ingestion/ingestion-session.js';
import type { DescribingRow } from './describing-rows.js';

/** A record that a row names. */
export interface FoundRecord {
  /** Key of the record, unique among those of its kind. */
  readonly key: string;
  readonly externalId: string;
  /** Whether it has a caption, or a text, already. */
  readonly isDescribed: boolean;
}

export interface Description {
  readonly record: FoundRecord;
  readonly text: string;
}

/** How the descriptions of one kind are stored. */
export interface DescribedRecords {
  /** The record of each row, or why it has none. */
  find(database: Queryable, source: string, rows: readonly DescribingRow[]): Promise<(FoundRecord | string)[]>;
  /**
   * Writes descriptions in a transaction. Records that have one by now get the new one only if `again`.
   * @returns how many changed, and the customers about whom the facts changed
   */
  write(
    session: IngestionSession,
    source: string,
    descriptions: readonly Description[],
    again: boolean,
  ): Promise<{ readonly changed: number; readonly customerIds: readonly string[] }>;
}
