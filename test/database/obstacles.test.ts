import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { checkDatabase } from '../../src/cli/doctor/database-check.js';
import { loadConfig } from '../../src/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { databaseFailure } from '../../src/database/database-failure.js';
import { openDatabase } from '../../src/database/open-database.js';
import type { ErrorCode } from '../../src/errors.js';
import { openQueue } from '../../src/jobs/open-queue.js';
import { databaseUrl } from '../support/database.js';
import { testConfig } from '../support/config.js';

const role = `clvgraph_role_${process.pid}`;
const password = randomUUID();
const queueOf = (dataSource: DataSource) => openQueue(dataSource, { logger: pino({ level: 'silent' }) });

describe('a database in which clvgraph cannot work', () => {
  let server: DataSource;
  const made: string[] = [];
  beforeAll(async () => {
    server = await createDataSource({ url: inject('postgresUrl'), poolSize: 1 }).initialize();
    await server.query(`create role ${role} login password '${password}'`);
  });
  afterAll(async () => {
    for (const name of made) await server.query(`drop database ${name} with (force)`);
    await server.query(`drop role ${role}`);
    await server.destroy();
  });

  /** @returns the URL of a new database, in which the statements were executed */
  async function databaseWith(statements: readonly string[] = [], options = 'template template0'): Promise<string> {
    const name = `clvgraph_obstacle_${process.pid}_${made.length}`;
    await server.query(`create database ${name} ${options}`);
    made.push(name);
    await using dataSource = await connected(databaseUrl(name));
    for (const statement of statements) await dataSource.query(statement.replaceAll('$database', name));
    return databaseUrl(name);
  }

  async function connected(url: string): Promise<DataSource & AsyncDisposable> {
    const dataSource = await createDataSource({ url, poolSize: 2 }).initialize();
    return Object.assign(dataSource, { [Symbol.asyncDispose]: () => dataSource.destroy() });
  }

  const asRole = (url: string): string =>
    url.replace(/\/\/[^@/]*@/, url.includes('?host=') ? `//${role}@` : `//${role}:${password}@`);

  const opened = async (url: string): Promise<void> => {
    const database = await openDatabase(loadConfig({ DATABASE_URL: url }, 'no-such-file').config);
    await database.close();
  };

  /** What the start and the doctor say. */
  async function refusal(url: string): Promise<unknown> {
    const start: unknown = await opened(url).catch((error: unknown) => error);
    return { start, doctor: await checkDatabase({ ...testConfig(), databaseUrl: url }) };
  }

  const alike = (code: ErrorCode, found: string, remedy: string): object => ({
    start: { code, message: expect.stringMatching(new RegExp(`${found}.*\\. .*${remedy}`)) as string },
    doctor: {
      blocks: true,
      found: expect.stringMatching(found) as string,
      remedy: expect.stringMatching(remedy) as string,
    },
  });

  it('is one whose user may create no tables', async () => {
    const url = asRole(await databaseWith());
    expect(await refusal(url)).toMatchObject(
      alike('DATABASE_UNAVAILABLE', 'may not create tables', `grant create on schema public to ${role}`),
    );
  });

  it('is one whose tables were restored by somebody else', async () => {
    const url = await databaseWith([`alter database $database owner to ${role}`]);
    await opened(url);
    expect(await refusal(asRole(url))).toMatchObject(
      alike('DATABASE_UNAVAILABLE', 'tables belong to .*may not read them', `restore it as ${role}`),
    );
  });

  it('is one whose user may create tables in the first schema of the search path, but no types in public', async () => {
    const url = await databaseWith([
      `create schema app authorization ${role}`,
      'alter database $database set search_path = app, public',
      `grant create on database $database to ${role}`,
    ]);
    expect(await refusal(asRole(url))).toMatchObject(
      alike('DATABASE_UNAVAILABLE', 'may not create tables', `grant create on schema public to ${role}`),
    );
  });

  it('is one whose user may create tables, but no schema for the queue', async () => {
    const owned = await databaseWith([`grant create on schema public to ${role}`]);
    const grant = `grant create on database clvgraph_obstacle_\\w+ to ${role}`;
    expect(await refusal(asRole(owned))).toMatchObject(alike('DATABASE_UNAVAILABLE', 'may not create schemas', grant));

    await using dataSource = await connected(asRole(owned));
    await expect(queueOf(dataSource)).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringMatching(/permission denied for database.*grant create on database/) as string,
    });
  });

  it('is not one where all was created before by somebody who may', async () => {
    const owned = await databaseWith();
    await opened(owned);
    await using dataSource = await connected(owned);
    const queue = await queueOf(dataSource);
    await queue.close();
    await dataSource.query(`grant select on migration to ${role}`);
    // An export does without the queue.
    await opened(asRole(owned));
    await using asAnother = await connected(asRole(owned));
    const start: unknown = await queueOf(asAnother).catch((error: unknown) => error);
    expect({ start, doctor: await checkDatabase({ ...testConfig(), databaseUrl: asRole(owned) }) }).toMatchObject(
      alike('DATABASE_UNAVAILABLE', 'queue .* may not write to it', `grant \\w+ to ${role}`),
    );
    await dataSource.query(`grant usage on schema pgboss to ${role}`);
    await dataSource.query(`grant all on all tables in schema pgboss to ${role}`);
    await (await queueOf(asAnother)).close();
    const monthOfEvents = `select ensure_behavior_event_partitions('2031-01-01', '2031-01-01')`;
    const denied = await asAnother.query(monthOfEvents).catch(databaseFailure);
    expect(denied).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining('must own the tables') as string,
    });
    const finding = await checkDatabase({ ...testConfig(), databaseUrl: asRole(owned) });
    expect(finding).toMatchObject({ status: 'WARN', found: expect.stringContaining('of a new month') as string });
    const [grant] = /grant .* to .*(?=\.)/.exec(finding.remedy!)!;
    await dataSource.query(grant);
    expect(await checkDatabase({ ...testConfig(), databaseUrl: asRole(owned) })).toMatchObject({ status: 'OK' });
    await asAnother.query(monthOfEvents);
    await dataSource.query(grant.replace('grant', 'revoke').replace(' to ', ' from '));
  });

  it('is one that has a table, or something else, of the name of one of ours', async () => {
    const tables = await databaseWith(['create table product (id integer)', 'create view run as select 1 as id']);
    const own = "create database .* encoding 'UTF8' template template0";
    expect(await refusal(tables)).toMatchObject(alike('DATABASE_UNSUPPORTED', 'named product, run', own));
    const application = await databaseWith([
      'create table migration (id serial, "timestamp" bigint, name text)',
      `insert into migration ("timestamp", name) values (1, 'Users1')`,
    ]);
    expect(await refusal(application)).toMatchObject(alike('DATABASE_UNSUPPORTED', 'named migration', own));
    const type = await databaseWith([`create type run_state as enum ('ON')`]);
    await expect(opened(type)).rejects.toMatchObject({
      code: 'DATABASE_UNSUPPORTED',
      message: expect.stringMatching(`type "run_state" already exists.*${own}`) as string,
    });
  });

  it('is one that takes no writes', async () => {
    const url = await databaseWith(['alter database $database set default_transaction_read_only = on']);
    expect(await refusal(url)).toMatchObject(
      alike('DATABASE_UNAVAILABLE', 'read-only', 'disk is full.*reset default_transaction_read_only'),
    );
  });

  it('is one of another encoding', async () => {
    const url = await databaseWith([], `encoding 'LATIN1' locale 'C' template template0`);
    expect(await refusal(url)).toMatchObject(
      alike('DATABASE_UNSUPPORTED', 'LATIN1', "encoding 'UTF8' template template0"),
    );
  });

  it('is one that a newer version has migrated', async () => {
    const url = await databaseWith();
    await opened(url);
    await using dataSource = await connected(url);
    await dataSource.query(`insert into migration ("timestamp", name) values (9e12, 'Later9000000000000')`);
    expect(await refusal(url)).toMatchObject(
      alike(
        'DATABASE_UNSUPPORTED',
        'newer version .*Later9000000000000',
        'Start that version; .*restore a backup from before the upgrade',
      ),
    );
  });

  it('is one on whose search path the schema of our types is missing', async () => {
    const apart = ['create schema app', 'alter database $database set search_path = app'];
    expect(await refusal(await databaseWith(apart))).toMatchObject(
      alike(
        'DATABASE_UNSUPPORTED',
        'public .*not on the search path \\(app\\)',
        'alter role .* set search_path = public',
      ),
    );
  });

  it('is not one on whose search path another schema comes first', async () => {
    const url = await databaseWith(['create schema app', 'alter database $database set search_path = app, public']);
    await opened(url);
    await opened(url);
    expect(await checkDatabase({ ...testConfig(), databaseUrl: url })).toMatchObject({ status: 'OK' });
  });
});
