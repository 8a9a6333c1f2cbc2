import type { DataSource } from 'typeorm';
import { markFactsChanged } from '../ingestion/customer-facts.js';
import { IngestionSession } from '../ingestion/ingestion-session.js';
import type { DescribedRecords, Description, FoundRecord } from './described-records.js';
import type { DescribeOptions, DescribingKind } from './describing.types.js';
import type { DescribingRow } from './describing-rows.js';
import { eventTranscripts } from './event-transcripts.js';
import { productCaptions } from './product-captions.js';

const recordsOf: Readonly<Record<DescribingKind, DescribedRecords>> = {
  'product-pictures': productCaptions,
  recordings: eventTranscripts,
};

/** Descriptions are written when there are so many, or after so long, so that a crash loses few and writes are few. */
const mostPending = 200;
const longestPendingMs = 10_000;

/** The records that one run describes, and what became of them. */
export class DescribingRun {
  described = 0;
  leftAsTheyAre = 0;
  private readonly records: DescribedRecords;
  private readonly done = new Set<string>();
  private readonly customers = new Set<string>();
  private pending: Description[] = [];
  private flushedAt = performance.now();

  constructor(
    private readonly dataSource: DataSource,
    private readonly options: Pick<DescribeOptions, 'kind' | 'source' | 'again'>,
  ) {
    this.records = recordsOf[options.kind];
  }

  get customersConcerned(): number {
    return this.customers.size;
  }

  find(rows: readonly DescribingRow[]): Promise<(FoundRecord | string)[]> {
    return this.records.find(this.dataSource, this.options.source, rows);
  }

  /** Whether the record needs no description: of several files of one record, the first readable one is used. */
  isDone({ key, isDescribed }: FoundRecord): boolean {
    return this.done.has(key) || (isDescribed && !this.options.again);
  }

  leave(): void {
    this.leftAsTheyAre++;
  }

  async add(description: Description): Promise<void> {
    this.done.add(description.record.key);
    this.pending.push(description);
    if (this.pending.length >= mostPending || performance.now() - this.flushedAt > longestPendingMs) await this.flush();
  }

  /** Writes what is pending, in one transaction. */
  async flush(): Promise<void> {
    const descriptions = this.pending;
    this.pending = [];
    if (descriptions.length === 0) return;
    const { source, again } = this.options;
    const { changed, customerIds } = await IngestionSession.use(this.dataSource, undefined, (session) =>
      session.transaction(async () => {
        const written = await this.records.write(session, source, descriptions, again);
        await markFactsChanged(session, written.customerIds);
        return written;
      }),
    );
    this.described += changed;
    this.leftAsTheyAre += descriptions.length - changed;
    for (const id of customerIds) this.customers.add(id);
    this.flushedAt = performance.now();
  }
}
