import { setTimeout as sleep } from 'node:timers/promises';
import { isOutage } from '../database/database-failure.js';
import { throughOutages } from '../database/through-outages.js';
import type { ExecutionContext } from './executions.js';
import { isAnyHeld } from './lease.js';

const pollMs = 100;
/** A worker that is at a shard finds within a batch that nobody wants it. One that is frozen is not waited for. */
const patienceMs = 60_000;
/** What fails for longer, such as a ranking that Postgres has no memory for, may do so for ever, and the run would not end. */
const outageMs = 10 * 60_000;

/**
 * Of a run that no attempt will finish: ends its shards, and has put right what they leave half done. Whoever calls it holds
 * the run's job until then, so that another worker does it again where this one dies at it.
 * @throws what Postgres failed by where the lease is lost meanwhile, and nothing else
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
