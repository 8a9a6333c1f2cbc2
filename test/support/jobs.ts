import pino from 'pino';
import type { Config } from '../../src/config.js';
import { openQueue } from '../../src/jobs/open-queue.js';
import type { Queue } from '../../src/jobs/queue.js';
import type { Run } from '../../src/entities/index.js';
import { RunsService } from '../../src/services/runs/runs.service.js';
import { isSettled } from '../../src/services/runs/run-transitions.js';
import { SchedulesService } from '../../src/services/retraining/schedules.service.js';
import { testConfig } from './config.js';
import { type TestDatabase, createTestDatabase } from './database.js';

export const silent = pino({ level: 'silent' });

export interface TestJobs extends AsyncDisposable {
  readonly database: TestDatabase;
  readonly config: Config;
  readonly queue: Queue;
  readonly runs: RunsService;
  readonly schedules: SchedulesService;
}

/** A fresh database with its queue, as a server opens it. Workers are the test's own. */
export async function createTestJobs(): Promise<TestJobs> {
  const database = await createTestDatabase();
  const queue = await openQueue(database.dataSource, { logger: silent });
  return {
    database,
    config: testConfig({ DATABASE_URL: database.url, CLVGRAPH_LOG_LEVEL: 'silent' }),
    queue,
    runs: new RunsService(database.dataSource, queue, queue.notifications),
    schedules: new SchedulesService(queue),
    async [Symbol.asyncDispose]() {
      await queue.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Waits for the run to settle. */
export async function untilSettled(runs: Pick<RunsService, 'watch'>, id: string): Promise<Run> {
  for await (const run of runs.watch(id)) if (isSettled(run)) return run;
  throw new Error('the watch of the run has ended before the run');
}
