import { pino } from 'pino';
import { loadConfig } from '../config.js';
import { openDatabase } from '../database/open-database.js';
import type { Run } from '../entities/index.js';
import { errorForLog } from '../error-for-log.js';
import { ClvError, type ErrorCode } from '../errors.js';
import { createHandlers } from '../jobs/handlers/index.js';
import { openQueue } from '../jobs/queue.js';
import { startWorker } from '../jobs/worker.js';
import type { Services } from '../resolvers/context.js';
import { createServices } from '../server/create-services.js';
import { LocalInference } from '../services/inference/local-inference.js';
import { withProgressBar } from './progress-bar.js';

/**
 * Starts a run as the API would, works on it in this process beside whatever workers there are, shows its progress and
 * prints its result. Ctrl+C cancels it.
 * @throws ClvError with the code that the run failed with
 */
export async function executeRun(start: (services: Services) => Promise<Run>): Promise<void> {
  const { config } = loadConfig();
  const database = await openDatabase(config);
  const { dataSource } = database;
  const logger = pino({ level: config.logLevel, serializers: { err: errorForLog } }, pino.destination(2));
  const queue = await openQueue(dataSource, { logger });
  const inference = new LocalInference(dataSource, config);
  const services = createServices({ config, dataSource, queue, inference });
  const worker = await startWorker({ config, dataSource, logger, ...createHandlers(dataSource, config) });
  let isLost = false;
  try {
    const { id } = await start(services);
    const cancel = () => void services.runs.cancel(id);
    process.once('SIGINT', cancel);
    const watched = withProgressBar(async (progress) => {
      for await (const run of services.runs.watch(id)) await progress.report(run.phase, run.progress);
    });
    // Where the session is lost, nobody waits for it any more.
    watched.catch(() => undefined);
    await Promise.race([
      watched,
      worker.lost.then(() => {
        isLost = true;
        throw sessionLost();
      }),
    ]);
    process.off('SIGINT', cancel);
    print(await services.runs.get(id));
  } finally {
    for (const part of [() => worker.stop(), () => inference.close(), () => queue.close(), () => database.close()]) {
      await part().catch((error: unknown) => {
        // Where the database is gone, that was told already.
        if (!isLost) throw error;
      });
    }
  }
}

function sessionLost(): ClvError {
  return new ClvError(
    'DATABASE_UNAVAILABLE',
    'The session in Postgres was lost. The run goes on with the next worker: clvgraph worker, or clvgraph start.',
  );
}

function print({ kind, state, result, error, startedAt, settledAt }: Run): void {
  if (state !== 'COMPLETED') {
    throw new ClvError((error?.code as ErrorCode) ?? 'RUN_CANCELLED', error?.message ?? `The ${kind} run is ${state}.`);
  }
  const seconds = ((settledAt?.getTime() ?? 0) - (startedAt?.getTime() ?? 0)) / 1_000;
  console.log(`${kind} completed in ${seconds.toFixed(1)} s`);
  console.log(JSON.stringify(result, null, 2));
}
