import { Command } from 'commander';
import { loadConfig, shownValue } from '../config.js';
import { createHandlers } from '../jobs/handlers/index.js';
import { runWorkerProcess } from '../jobs/worker-process.js';
import { onStopSignal } from './stop-signals.js';

/** `clvgraph worker`: runs a worker process, on a machine beside the one that serves. */
export function workerCommand(): Command {
  return new Command('worker').description('take jobs from the queue until it is stopped').action(async () => {
    const { config } = loadConfig();
    const database = config.databaseUrl
      ? shownValue('databaseUrl', config)
      : `the embedded Postgres in ${config.dataDirectory}`;
    console.log(`This worker takes jobs from ${database} until Ctrl+C.`);
    // The worker itself listens for the first signal; this makes a second one end the process at once.
    onStopSignal(() => undefined);
    await runWorkerProcess(config, createHandlers);
  });
}
