import { Command } from 'commander';
import { loadConfig } from '../config.js';
import { createHandlers } from '../jobs/handlers/index.js';
import { runWorkerProcess } from '../jobs/worker-process.js';

/** `clvgraph worker`: a worker process, for machines beside the one that serves. */
export function workerCommand(): Command {
  return new Command('worker').description('take jobs from the queue until it is stopped').action(async () => {
    await runWorkerProcess(loadConfig().config, createHandlers);
  });
}
