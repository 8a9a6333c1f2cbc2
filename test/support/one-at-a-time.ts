import { inject } from 'vitest';
import type { QueryRunner } from 'typeorm';
import { createDataSource } from '../../src/database/data-source.js';

/**
 * Does something that at most one test file does at a time: the others, and other runs, that name the same wait. A
 * process that is killed is waited for no longer.
 * @param work is given a connection to the server of this run
 */
export async function oneAtATime(name: string, work: (connection: QueryRunner) => Promise<void>): Promise<void> {
  const server = await createDataSource({ url: inject('postgresUrl'), poolSize: 1 }).initialize();
  // A pool would drop an idle connection, and the lock with it.
  const connection = server.createQueryRunner();
  try {
    await connection.query('select pg_advisory_lock(hashtext($1))', [name]);
    await work(connection);
  } finally {
    await connection.release();
    await server.destroy();
  }
}
