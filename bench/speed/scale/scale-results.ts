import type { Environment, Spread } from '../results.js';

/** Seconds of one step, and the machine's load while it ran: others' work shows in it. */
export interface Timed {
  readonly seconds: number;
  /** Mean number of runnable processes over the last minute, at the end. */
  readonly load: number;
}

export interface ImportResult {
  readonly rows: number;
  readonly bytes: number;
  readonly bareCopySeconds: Spread;
  readonly importSeconds: Spread;
  /** Of each pair, run by turns: bare COPY's seconds over the import's. */
  readonly ratio: Spread;
  /** Of the last import. */
  readonly phases: Readonly<Record<string, number>>;
  readonly againSeconds: number | null;
  readonly peakBytes: number;
  readonly load: number;
}

export interface PreprocessResult extends Timed {
  readonly microsecondsPerCustomer: number;
  readonly phases: Readonly<Record<string, number>>;
  readonly trainingRows: number;
  readonly windows: number;
  readonly peakBytes: number;
}

export interface FineTuneResult extends Timed {
  readonly trainingRows: number;
  readonly sampledShare: number;
  /** Training rows seen a second, all of the run counted: tokenising, validation and storing too. */
  readonly rowsPerSecond: number;
  readonly phases?: Readonly<Record<string, number>>;
  readonly peakBytes: number;
}

export interface ScoringResult extends Timed {
  readonly workers: number;
  /** Whether the model encoded narratives, or read numbers alone. */
  readonly words: boolean;
  /** Of the linear layers that encode them. Earlier results do not tell it, nor the Pipeline. */
  readonly precision?: 'FLOAT32' | 'INT8';
  readonly customers: number;
  readonly customersPerSecond: number;
  /** transformers' Pipeline just before and after. */
  readonly pipeline?: PipelineResult;
  /** Customers who should have a prediction and have none, and predictions that are there although they should not be. */
  readonly missed: number;
  readonly surplus: number;
  /** Shards that were taken up more than once. */
  readonly repeatedShards: number;
}

/** The Pipeline by itself, given what the model reads. */
export interface PipelineResult {
  readonly customersPerSecond: Spread;
  /** Tokens of a narrative, at the median. */
  readonly tokens: number;
}

/** Milliseconds. */
export interface QueryResult {
  readonly name: string;
  readonly rows: number;
  readonly median: number;
  readonly p95: number;
  /** The same by hand-written SQL; null where there is nothing to compare with. */
  readonly handWrittenP95: number | null;
}

export interface SizeResults {
  readonly orders?: number;
  readonly databaseBytes?: number;
  readonly tableBytes?: Readonly<Record<string, number>>;
  readonly import?: ImportResult;
  readonly preprocess?: PreprocessResult;
  readonly fineTune?: FineTuneResult;
  readonly scoring?: readonly ScoringResult[];
  readonly queries?: readonly QueryResult[];
}

export interface ScaleResults {
  readonly environment: Environment;
  /** By number of customers. */
  readonly sizes: Readonly<Record<string, SizeResults>>;
}
