import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDataSource } from '../../src/database/data-source.js';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { openQueue } from '../../src/jobs/open-queue.js';
import { queueOf } from '../../src/jobs/queued-job.js';
import { silent } from '../support/jobs.js';

it('an attempt is known as one from before Postgres ended all sessions since one had crashed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clvgraph-crash-'));
  chmodSync(folder, 0o755);
  const postgres = await EmbeddedPostgres.start(folder);
  const dataSource = await createDataSource({ url: postgres.url(), poolSize: 3 }).initialize();
  const queue = await openQueue(dataSource, { logger: silent });
  try {
    const name = queueOf('EVALUATE');
    await queue.boss.send(name, {});
    const [job] = await queue.boss.fetch(name);
    const claim = { id: job!.id, name, retryCount: 0 };
    const isFromBefore = () => queue.isFromBeforeRestart(dataSource.manager, claim);
    expect(await isFromBefore()).toBe(false);
    const [{ pid }] = await dataSource.query<[{ pid: number }]>('select pg_backend_pid() as pid');
    process.kill(pid, 'SIGKILL');
    await expect.poll(() => isFromBefore().catch(() => 'away'), { timeout: 20_000, interval: 250 }).toBe(true);
  } finally {
    await queue.close();
    await dataSource.destroy();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);
