import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDataSource } from '../../src/database/data-source.js';
import { type ChildBuild, buildForChildProcesses } from '../support/child-build.js';
import { useFolder } from '../support/folder.js';

describe('clvgraph start', () => {
  const folder = useFolder();
  chmodSync(folder, 0o755);
  const running: ChildProcess[] = [];
  let build: ChildBuild;
  beforeAll(async () => void (build = await buildForChildProcesses()));
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
  });

  /** In an empty folder, without a demo shop. */
  function launch(port: number): ChildProcess {
    const child = spawn(process.execPath, [fileURLToPath(build.module('src/cli/main.ts')), 'start'], {
      cwd: folder,
      env: { PATH: process.env['PATH'], PORT: String(port), CLVGRAPH_DEMO_CUSTOMERS: '0', CLVGRAPH_DATA_DIR: 'data' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(child);
    return child;
  }

  /** Resolves with what was printed when it is ready. */
  async function start(): Promise<{ child: ChildProcess; printed: string; url: string }> {
    const child = launch(0);
    child.stderr!.pipe(process.stderr);
    let printed = '';
    for await (const chunk of child.stdout!) {
      printed += String(chunk);
      const url = /ready at (http:\S+)/.exec(printed)?.[1];
      if (url) return { child, printed, url };
    }
    throw new Error(`It ended before it was ready: ${printed}`);
  }

  const stop = async (child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    child.kill(signal);
    const [code] = (await once(child, 'exit')) as [number | null];
    return code;
  };
  async function haveModelOfEarlierVersion(): Promise<void> {
    const socket = encodeURIComponent(join(folder, 'data/postgres/socket'));
    const url = `postgres://clvgraph@/clvgraph?host=${socket}`;
    const dataSource = await createDataSource({ url, poolSize: 1 }).initialize();
    await dataSource.query(
      `insert into model_version (base, strategy, objective, state) values ('built-in', 'FULL', 'ZILN', 'ACTIVE')`,
    );
    await dataSource.destroy();
  }
  const postgresRuns = () => existsSync(join(folder, 'data/postgres/data/postmaster.pid'));

  it('brings up everything, shows the admin key once, and puts everything away when told to stop', async () => {
    const first = await start();
    expect(first.printed).toMatch(/No model is active yet.*import <file>.*preprocess.*fine-tune.*promote.*score/s);
    expect(first.printed).not.toContain('A first query');
    const key = /clv_admin_[\w-]+/.exec(first.printed)?.[0];
    const answer = await fetch(first.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query: '{ me { role } customers { totalCount } }' }),
    });
    expect(await answer.json()).toEqual({ data: { me: { role: 'ADMIN' }, customers: { totalCount: 0 } } });
    expect(postgresRuns()).toBe(true);
    await haveModelOfEarlierVersion();
    expect(await stop(first.child)).toBe(0);
    expect(postgresRuns()).toBe(false);

    const second = await start();
    expect(second.printed).not.toContain('clv_admin_');
    expect(second.printed).toMatch(/Warning: Model 1 was made by an earlier version.*startRetrain/);
    // As by Ctrl+C under npm, which passes on what the terminal has sent already, and by a terminal that is closed.
    second.child.kill('SIGINT');
    setTimeout(() => second.child.kill('SIGINT'), 20);
    expect(await stop(second.child, 'SIGHUP')).toBe(0);
    expect(postgresRuns()).toBe(false);
  });

  it('takes a stop that comes before any model could be executed for no failure', async () => {
    const child = launch(0);
    const ended = once(child, 'exit');
    child.stderr!.pipe(process.stderr);
    let printed = '';
    for await (const chunk of child.stdout!) {
      printed += String(chunk);
      if (printed.includes('ready at') && !child.killed) child.kill();
    }
    expect(printed).not.toContain('no model can be executed');
    expect(await ended).toEqual([0, null]);
  });

  it('says so and ends, with everything put away, where its port is taken', async () => {
    await using taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const child = launch(port);
    const said = text(child.stderr!);
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(code).toBe(1);
    expect(await said).toMatch(new RegExp(`^CONFIG_INVALID: The server cannot listen on 127\\.0\\.0\\.1:${port}`, 'm'));
    expect(postgresRuns()).toBe(false);
  });
});
