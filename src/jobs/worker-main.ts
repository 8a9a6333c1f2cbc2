import 'reflect-metadata';
import { loadConfig } from '../config.js';
import { lowerPriority, niceness } from '../priority.js';
import { createHandlers } from './handlers/index.js';
import { runWorkerProcess } from './worker-process.js';

// What the supervisor forks.
try {
  lowerPriority(niceness.worker);
  await runWorkerProcess(loadConfig().config, createHandlers);
} catch (error) {
  console.error('worker:', error instanceof Error ? error.message : error);
  process.exit(1);
}
