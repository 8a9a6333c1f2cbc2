import type { RunKind } from '../entities/index.js';
import type { ErrorCode } from '../errors.js';

export const queueOf = (kind: RunKind): string => kind.toLowerCase().replace('_', '-');
/** Shards of SCORE and RETRAIN runs; their workers take them independently of each other. */
export const shardQueue = 'score-shard';
export const scheduleQueue = 'retrain-schedule';

export interface ScheduleData {
  readonly input: Record<string, unknown>;
  /** First time that it comes due, ISO 8601. */
  readonly from: string;
}

/** What pg-boss tells a worker of a job that it claimed. */
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
  /** Tells shards of one run apart that are not of the same work. */
  readonly work: string;
  readonly index: number;
  readonly shard: object;
}

/** What a shard's job leaves behind. A failure that no other attempt can mend completes the job, too. */
export type ShardOutput = { result: object } | { error: { code: ErrorCode; message: string } };

export interface ShardJob {
  readonly id: string;
  readonly state: 'created' | 'retry' | 'active' | 'completed' | 'cancelled' | 'failed';
  readonly output: ShardOutput | null;
}
