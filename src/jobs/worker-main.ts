import 'reflect-metadata';
import { loadConfig } from '../config.js';
import { databaseFailure } from '../database/database-failure.js';
import { reasonOf } from '../errors.js';
import { goOnWithoutOutputs } from '../outputs.js';
import { lowerPriority, niceness } from '../priority.js';
import { createHandlers } from './handlers/index.js';
import { runWorkerProcess } from './worker-process.js';

// The program of each worker process, which the supervisor forks.
goOnWithoutOutputs();
try {
  lowerPriority(niceness.worker);
  await runWorkerProcess(loadConfig().config, createHandlers);
} catch (error) {
  console.error('worker:', reasonOf(databaseFailure(error) ?? error));
  process.exit(1);
}
