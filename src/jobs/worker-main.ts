import 'reflect-metadata';
import { loadConfig } from '../config.js';
import { jobHandlers } from './handlers/index.js';
import { runWorkerProcess } from './worker-process.js';

// What the supervisor forks.
try {
  await runWorkerProcess(loadConfig().config, jobHandlers);
} catch (error) {
  console.error('worker:', error instanceof Error ? error.message : error);
  process.exit(1);
}
