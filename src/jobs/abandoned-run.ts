import { setTimeout as sleep } from 'node:timers/promises';
import { isOutage } from '../database/database-failure.js';
import { throughOutages } from '../database/through-outages.js';
import type { ExecutionContext } from './executions.js';
import { isAnyHeld } from './lease.js';

const pollMs = 100;
/** How long workers are waited for. One that runs a shard notices within a batch that it is cancelled, unless it is frozen. */
const patienceMs = 60_000;
/** How long a failing clean-up is retried. A longer failure, as of a ranking that Postgres has no memory for, may last for ever. */
const outageMs = 10 * 60_000;

/**
 * Ends the shards of a run that no attempt will finish, and cleans up what they leave half done. The caller holds the run's job meanwhile,
 * so that another worker repeats this if this one dies.
 * @throws only Postgres's failure after the lease was lost
 */
export async function abandonShards(context: ExecutionContext, runId: string): Promise<void> {
  const { ended } = context.lease;
  try {
    const signal = AbortSignal.any([ended, AbortSignal.timeout(outageMs)]);
    await throughOutages(signal, () => putRight(context, runId));
  } catch (error) {
    if (ended.aborted && isOutage(error)) throw error;
    context.logger.error({ err: error, run: runId }, 'what the shards of an abandoned run leave was not put right');
  }
}

async function putRight({ dataSource, queue, abandonedShardsHandler }: ExecutionContext, runId: string): Promise<void> {
  const shards = await queue.cancelShards(runId);
  if (shards.length === 0 || !abandonedShardsHandler) return;
  const ids = shards.map(({ id }) => id);
  const until = performance.now() + patienceMs;
  while (performance.now() < until && (await isAnyHeld(dataSource, ids))) await sleep(pollMs);
  await abandonedShardsHandler(
    shards.map(({ shard }) => shard),
    dataSource,
  );
}
