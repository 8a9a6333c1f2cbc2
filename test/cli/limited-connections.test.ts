import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChildBuild, buildForChildProcesses } from '../support/child-build.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const role = `clvgraph_limited_${process.pid}`;

describe('a command whose user may open too few connections', () => {
  let database: TestDatabase;
  let build: ChildBuild;
  beforeAll(async () => {
    [database, build] = await Promise.all([createTestDatabase('template0'), buildForChildProcesses()]);
    const { dataSource } = database;
    await dataSource.query(`create role ${role} login password '${role}'`);
    await dataSource.query(`grant create on schema public to ${role}`);
    const [{ name }] = await dataSource.query<[{ name: string }]>('select current_database() as name');
    await dataSource.query(`grant create on database ${name} to ${role}`);
  });
  afterAll(async () => {
    await database.dataSource.query(`drop owned by ${role}; drop role ${role}`);
    await database[Symbol.asyncDispose]();
  });

  it.each([
    ['src/jobs/worker-main.ts', 2],
    ['src/services/inference/inference-main.ts', 1],
  ])('is told so by %s, too', async (main, connections) => {
    await database.dataSource.query(`alter role ${role} connection limit ${connections}`);
    const child = fork(build.module(main), {
      env: { PATH: process.env['PATH'], DATABASE_URL: asRole(database.url) },
      silent: true,
      timeout: 50_000,
    });
    const said = text(child.stderr!);
    await once(child, 'exit');
    expect(await said).toMatch(/^(worker|inference): Postgres takes no more connections/m);
  });

  it.each([2, 3, 4, 5])('says so and ends, whatever part could not be opened (%i)', async (connections) => {
    await database.dataSource.query(`alter role ${role} connection limit ${connections}`);
    const child = spawn(process.execPath, [fileURLToPath(build.module('src/cli/main.ts')), 'score'], {
      env: { PATH: process.env['PATH'], DATABASE_URL: asRole(database.url), CLVGRAPH_DEVICE: 'cpu' },
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 50_000,
      killSignal: 'SIGKILL',
    });
    const said = text(child.stderr!);
    const [code] = (await once(child, 'exit')) as [number | null];
    // Five are enough where they are not needed at once: then no model is found.
    const enough = connections === 5 ? '|^MODEL_NOT_READY' : '';
    expect(await said).toMatch(new RegExp(`^DATABASE_UNAVAILABLE: Postgres takes no more connections${enough}`, 'm'));
    expect(code).toBe(1);
  });
});

/** Over a socket Postgres asks for no password. */
const asRole = (url: string): string =>
  url.replace(/\/\/[^@/]*@/, url.includes('?host=') ? `//${role}@` : `//${role}:${role}@`);
