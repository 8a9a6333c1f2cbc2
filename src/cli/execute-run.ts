import type { DataSource } from 'typeorm';
import { closedAfter } from '../closers.js';
import { loadConfig } from '../config.js';
import { openDatabase } from '../database/open-database.js';
import type { Run } from '../entities/index.js';
import { ClvError, type ErrorCode } from '../errors.js';
import { createHandlers } from '../jobs/handlers/index.js';
import { openQueue } from '../jobs/open-queue.js';
import { startWorker } from '../jobs/worker.js';
import { logDestination } from '../outputs.js';
import { cancelled } from '../progress.js';
import { createServices, type Services } from '../services/create-services.js';
import { createLogger } from '../server/logger.js';
import { LocalInference } from '../services/inference/local-inference.js';
import { onStopSignal } from './stop-signals.js';
import { followRun } from './follow-run.js';

/**
 * Starts a run as the API would, works on it in this process beside whatever workers there are, shows its progress and
 * prints its result. Ctrl+C and SIGTERM cancel it.
 * @param start returns null where there is nothing to run
 * @param afterwards returns what there is to say about the result
 * @throws ClvError with the code that the run failed with
 */
export async function executeRun(
  start: (services: Services, dataSource: DataSource) => Promise<Run | null>,
  afterwards?: (services: Services, completed: Run) => Promise<readonly string[]>,
): Promise<void> {
  const { config } = loadConfig();
  const logger = createLogger(config, logDestination(2));
  await closedAfter(async (opened) => {
    const stop = new AbortController();
    // Signals are listened for before the database is opened. The embedded Postgres would outlive a process that a signal ends meanwhile.
    const stopping = onStopSignal(() => stop.abort(cancelled()));
    opened.push(async () => stopping[Symbol.dispose]());
    const database = await openDatabase(config);
    opened.push(() => database.close());
    const { dataSource } = database;
    const queue = await openQueue(dataSource, { logger });
    opened.push(() => queue.close());
    const inference = new LocalInference(dataSource, config);
    opened.push(() => inference.close());
    const services = createServices({ config, dataSource, queue, inference });
    const worker = await startWorker({ config, dataSource, logger, ...createHandlers(dataSource, config) });
    opened.push(() => worker.stop());
    stop.signal.throwIfAborted();
    const run = await start(services, dataSource);
    if (!run) return;
    await followRun(run.id, services.runs, { worker, logger, signal: stop.signal });
    const settled = await services.runs.get(run.id);
    print(settled);
    for (const line of (await afterwards?.(services, settled)) ?? []) console.log(line);
  });
}

function print({ kind, state, result, error, startedAt, settledAt }: Run): void {
  if (state !== 'COMPLETED') {
    throw new ClvError((error?.code as ErrorCode) ?? 'RUN_CANCELLED', error?.message ?? `The ${kind} run is ${state}.`);
  }
  const seconds = ((settledAt?.getTime() ?? 0) - (startedAt?.getTime() ?? 0)) / 1_000;
  console.log(`${kind} completed in ${seconds.toFixed(1)} s`);
  console.log(JSON.stringify(result, null, 2));
}
