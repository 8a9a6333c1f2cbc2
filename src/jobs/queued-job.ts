import type { RunKind } from '../entities/index.js';
import type { ErrorCode } from '../errors.js';

export const queueOf = (kind: RunKind): string => kind.toLowerCase().replace('_', '-');
/** Shards of SCORE and RETRAIN runs; their workers take them independently of each other. */
export const shardQueue = 'score-shard';
export const scheduleQueue = 'retrain-schedule';

export interface ScheduleData {
  readonly input: Record<string, unknown>;
  /** First due time, ISO 8601. */
  readonly from: string;
}

/** What a worker gets of a job that it has claimed. */
export interface JobClaim {
  readonly id: string;
  readonly name: string;
  readonly retryCount: number;
}

export interface TakenJob<Data = object> extends JobClaim {
  readonly data: Data;
  /** Aborted when pg-boss has given the job to another worker. */
  readonly signal: AbortSignal;
}

export interface ShardData {
  readonly runId: string;
  /** Name of the work, since a run may have shards of several. */
  readonly work: string;
  readonly index: number;
  readonly shard: object;
}

/** Output of a shard's job. A failure that another attempt cannot mend also completes the job. */
export type ShardOutput = { result: object } | { error: { code: ErrorCode; message: string } };

export interface ShardJob {
  readonly id: string;
  readonly state: 'created' | 'retry' | 'active' | 'completed' | 'cancelled' | 'failed';
  readonly output: ShardOutput | null;
}
