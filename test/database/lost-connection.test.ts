import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { inAbortableTransaction } from '../../src/database/abortable-transaction.js';
import { createDataSource } from '../../src/database/data-source.js';
import { databaseFailure } from '../../src/database/database-failure.js';
import { openClient } from '../../src/database/pool.js';
import { Run } from '../../src/entities/index.js';
import { useTestDatabase } from '../support/database.js';

describe('a connection that is lost between two statements of a transaction', () => {
  const database = useTestDatabase();
  const never = new AbortController().signal;

  async function lose(runner: QueryRunner): Promise<void> {
    const [{ pid }] = (await runner.query('select pg_backend_pid() as pid')) as [{ pid: number }];
    await database.dataSource.query('select pg_terminate_backend($1)', [pid]);
    await sleep(200);
  }

  it.each([
    ['the runner', (runner: QueryRunner) => runner.query('select 1')],
    ['its manager', ({ manager }: QueryRunner) => manager.query('select 1')],
    ['a finder', ({ manager }: QueryRunner) => manager.existsBy(Run, { kind: 'SCORE' })],
    ['a transaction within', ({ manager }: QueryRunner) => manager.transaction(async () => undefined)],
  ])('is told as a database that does not answer, by %s', async (_, ask) => {
    const failure: unknown = await inAbortableTransaction(database.dataSource, never, async (runner) => {
      await lose(runner);
      await ask(runner);
    }).catch((error: unknown) => error);
    expect(databaseFailure(failure)?.message).toContain('does not answer');
  });

  it('does not hide what the transaction failed by', async () => {
    const transaction = inAbortableTransaction(database.dataSource, never, async (runner) => {
      await lose(runner);
      throw new Error('of its own');
    });
    await expect(transaction).rejects.toThrow('of its own');
  });
});

describe('connections to a server whose machine is gone', () => {
  const database = useTestDatabase();
  afterEach(() => vi.restoreAllMocks());

  it('are noticed by asking, those of the pool and those beside it', async () => {
    const asking = vi.spyOn(Socket.prototype, 'setKeepAlive');
    const dataSource = await createDataSource({ url: database.url, poolSize: 1 }).initialize();
    const client = await openClient(dataSource, 10_000);
    await client.end();
    await dataSource.destroy();
    expect(asking.mock.calls).toEqual([
      [true, 30_000],
      [true, 30_000],
    ]);
  });
});
