import { inject } from 'vitest';
import type { DataSource, QueryRunner } from 'typeorm';
import { createDataSource } from '../../src/database/data-source.js';
import { databaseUrl } from './database.js';
import { oneAtATime } from './one-at-a-time.js';

/**
 * A database that test files copy: a copy of another one with something in it. The first file of a run that needs it
 * makes it, the others wait; it goes when the run ends.
 * @param base name of the database that it is made of
 */
export async function templateOf(
  base: string,
  name: string,
  fill: (dataSource: DataSource) => Promise<void>,
): Promise<string> {
  const template = `${inject('templateDatabase')}_${name}`;
  await oneAtATime(template, async (server) => {
    const found: unknown[] = await server.query('select 1 from pg_database where datname = $1', [template]);
    if (found.length === 0) await make(server, template, base, fill);
  });
  return template;
}

/** Under another name until it is complete. */
async function make(
  server: QueryRunner,
  template: string,
  base: string,
  fill: (dataSource: DataSource) => Promise<void>,
): Promise<void> {
  const partial = `${template}_partial`;
  await server.query(`drop database if exists ${partial} with (force)`);
  await server.query(`create database ${partial} template ${base}`);
  const dataSource = await createDataSource({ url: databaseUrl(partial), poolSize: 4 }).initialize();
  try {
    await fill(dataSource);
  } finally {
    await dataSource.destroy();
  }
  await server.query(`alter database ${partial} rename to ${template}`);
}
