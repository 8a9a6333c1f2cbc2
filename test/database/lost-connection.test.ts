import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { inAbortableTransaction } from '../../src/database/abortable-transaction.js';
import { databaseFailure } from '../../src/database/database-failure.js';
import { useTestDatabase } from '../support/database.js';

describe('a connection that is lost between two statements of a transaction', () => {
  const database = useTestDatabase();
  const never = new AbortController().signal;

  async function lose(runner: QueryRunner): Promise<void> {
    const [{ pid }] = (await runner.query('select pg_backend_pid() as pid')) as [{ pid: number }];
    await database.dataSource.query('select pg_terminate_backend($1)', [pid]);
    await sleep(200);
  }

  it('is told as a database that does not answer', async () => {
    const failure: unknown = await inAbortableTransaction(database.dataSource, never, async (runner) => {
      await lose(runner);
      await runner.query('select 1');
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
