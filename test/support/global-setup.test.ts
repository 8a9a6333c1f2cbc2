import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import type { TestProject } from 'vitest/node';
import { createDataSource } from '../../src/database/data-source.js';
import globalSetup from './global-setup.js';

const onAnyServer = { provide: () => undefined, onTestsRerun: () => undefined } as object as TestProject;

describe('the setup of a run on a server that others use', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('leaves the templates of other runs, and begins where a killed one of its process id has left its own', async () => {
    const server = await createDataSource({ url: inject('postgresUrl'), poolSize: 1 }).initialize();
    const others = [`clvgraph_template_${process.pid}`, `clvgraph_template_${process.pid}0`];
    for (const other of others) await server.query(`create database ${other}`);
    try {
      vi.stubEnv('TEST_DATABASE_URL', inject('postgresUrl'));
      const teardown = await globalSetup(onAnyServer);
      await teardown();
      const left = await server.query<{ datname: string }[]>(
        'select datname from pg_database where datname = any($1) order by datname',
        [others],
      );
      expect(left.map(({ datname }) => datname)).toEqual(others);
    } finally {
      for (const other of others) await server.query(`drop database if exists ${other}`);
      await server.destroy();
    }
  });
});

describe('the build for child processes of a run', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('goes when the sources change, and when the run ends', async () => {
    vi.stubEnv('TEST_DATABASE_URL', inject('postgresUrl'));
    const provided: Record<string, string> = {};
    let sourcesChange: () => unknown = () => expect.unreachable();
    const project = {
      provide: (name: string, value: string) => void (provided[name] = value),
      onTestsRerun: (callback: () => unknown) => void (sourcesChange = callback),
    } as object as TestProject;
    const teardown = await globalSetup(project);
    const build = provided['childBuild']!;
    const folders = [build, `${build}-partial`];
    const make = () => Promise.all(folders.map((folder) => mkdir(folder)));
    const there = () => folders.map((folder) => existsSync(folder));
    try {
      await make();
      await sourcesChange();
      expect(there()).toEqual([false, false]);
      await make();
      expect(there()).toEqual([true, true]);
    } finally {
      await teardown();
    }
    expect(there()).toEqual([false, false]);
  });
});
