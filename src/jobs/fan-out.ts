import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { ClvError } from '../errors.js';
import type { JobHooks } from '../progress.js';
import { maxAttempts } from './job.js';
import type { Queue } from './queue.js';
import type { ShardJob, ShardOutput } from './queued-job.js';

const pollMs = 200;

/**
 * Enqueues the shards of a run and waits for them. The run's own job stays active meanwhile, so that progress, cancellation and resumption
 * work as for any run. It keeps no worker from taking a shard, since shards have a queue of their own.
 */
export async function fanOut<Result extends object>(
  { dataSource, queue, runId, work }: { dataSource: DataSource; queue: Queue; runId: string; work: string },
  shards: readonly object[],
  { progress, signal }: JobHooks,
): Promise<Result[]> {
  await dataSource.transaction((manager) => queue.enqueueShards(manager, runId, work, shards));
  try {
    for (;;) {
      const { total, done, broken } = await queue.countShards(runId, work);
      if (broken > 0) (await queue.shardsOf(runId, work)).forEach(throwFailure);
      await progress.report(`${done} of ${total} shards`, done / Math.max(total, 1));
      if (done === total) break;
      await sleep(pollMs, undefined, { signal });
    }
    return (await queue.shardsOf(runId, work)).map(({ output }) => (output as { result: Result }).result);
  } catch (error) {
    // The handler may go on. After other errors the run has another attempt, which finds its shards; other workers continue with them
    // meanwhile.
    if (error instanceof ClvError) await queue.cancelShards(runId);
    throw error;
  }
}

function throwFailure({ id, state, output }: ShardJob): void {
  if (state === 'completed' && isError(output)) {
    throw new ClvError(output.error.code, output.error.message);
  }
  if (state === 'failed' || state === 'cancelled') {
    throw new ClvError(
      'INTERNAL',
      `A shard ${state === 'failed' ? `failed ${maxAttempts} times` : 'was cancelled'}. The worker's log tells more, under job ${id}.`,
    );
  }
}

function isError(output: ShardOutput | null): output is Extract<ShardOutput, { error: object }> {
  return output !== null && 'error' in output;
}
