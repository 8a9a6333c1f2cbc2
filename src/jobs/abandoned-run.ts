import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { DataSource } from 'typeorm';
import type { AbandonedShardsHandler } from './job.js';
import { isAnyHeld } from './lease.js';
import type { Queue } from './queue.js';

const pollMs = 100;
/** A worker that is at a shard finds within a batch that nobody wants it. One that is frozen is not waited for. */
const patienceMs = 60_000;

export interface AbandonedRunContext {
  readonly dataSource: DataSource;
  readonly queue: Queue;
  readonly logger: Logger;
  readonly abandonedShardsHandler?: AbandonedShardsHandler | undefined;
}

/** Of a run that no attempt will finish: ends its shards, and has put right what they leave half done. It never throws. */
export async function abandonShards(
  { dataSource, queue, logger, abandonedShardsHandler }: AbandonedRunContext,
  runId: string,
): Promise<void> {
  try {
    const shards = await queue.cancelShards(runId);
    if (shards.length === 0 || !abandonedShardsHandler) return;
    const ids = shards.map(({ id }) => id);
    const until = performance.now() + patienceMs;
    while (performance.now() < until && (await isAnyHeld(dataSource, ids))) await sleep(pollMs);
    await abandonedShardsHandler(
      shards.map(({ shard }) => shard),
      dataSource,
    );
  } catch (error) {
    logger.error({ err: error, run: runId }, 'what the shards of an abandoned run leave was not put right');
  }
}
