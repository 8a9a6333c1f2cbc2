import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createDataSource } from '../../src/database/data-source.js';
import { openQueue } from '../../src/jobs/open-queue.js';
import { silent } from '../support/jobs.js';
import { useTestDatabase } from '../support/database.js';

const database = useTestDatabase();

it('is asked by a worker though its jobs hold all connections of the pool, so that its heartbeats do not fail', async () => {
  const dataSource = await createDataSource({ url: database.url, poolSize: 2 }).initialize();
  const queue = await openQueue(dataSource, { logger: silent, worker: true });
  const jobs = [dataSource.createQueryRunner(), dataSource.createQueryRunner()];
  try {
    for (const job of jobs) await job.connect();
    const answer = queue.boss.getQueues().then(() => 'answered');
    expect(await Promise.race([answer, sleep(3_000, 'waits')])).toBe('answered');
  } finally {
    for (const job of jobs) await job.release();
    await queue.close();
    await dataSource.destroy();
  }
});
