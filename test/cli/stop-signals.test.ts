import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { generateDemoShop } from '../../src/services/demo/demo-shop.service.js';
import { type ChildBuild, buildForChildProcesses } from '../support/child-build.js';
import { useTestDatabase } from '../support/database.js';
import { useFolder } from '../support/folder.js';

describe('a command that is told to stop', () => {
  const database = useTestDatabase();
  const folder = useFolder();
  chmodSync(folder, 0o755);
  let build: ChildBuild;
  beforeAll(async () => void (build = await buildForChildProcesses()));

  function launch(args: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(process.execPath, args, {
      cwd: folder,
      env: { PATH: process.env['PATH'], CLVGRAPH_DATA_DIR: 'data', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  const command = (args: readonly string[], environment?: NodeJS.ProcessEnv): ChildProcess =>
    launch([fileURLToPath(build.module('src/cli/main.ts')), ...args], environment);

  /** Sends the signal as soon as the child has said so. Resolves with all that it said and its status. */
  async function stopAt(
    child: ChildProcess,
    sign: string,
    signal: NodeJS.Signals,
  ): Promise<{ said: string; status: number | null }> {
    const ended = once(child, 'exit') as Promise<[number | null]>;
    let said = '';
    for await (const chunk of child.stderr!) {
      const before = said;
      said += String(chunk);
      if (said.includes(sign) && !before.includes(sign)) child.kill(signal);
    }
    const [status] = await ended;
    return { said, status };
  }

  it('by Ctrl+C amid a demo shop stops the embedded Postgres and ends with status 130', async () => {
    const child = command(['demo', '--customers', '30000']);
    const { said, status } = await stopAt(child, 'loading demo shop', 'SIGINT');
    expect(said).toContain('RUN_CANCELLED: Loading was cancelled.');
    expect(status).toBe(130);
    expect(existsSync(join(folder, 'data/postgres/data/postmaster.pid'))).toBe(false);
  });

  it.each([
    ['a demo shop', ['demo']],
    ['a run', ['score']],
  ])('by Ctrl+C while the database of %s is opened stops the embedded Postgres, too', async (_, args) => {
    const CLVGRAPH_DATA_DIR = `opening ${args[0]}`;
    const home = join(folder, CLVGRAPH_DATA_DIR, 'postgres');
    const child = command(args, { CLVGRAPH_DATA_DIR });
    const ended = once(child, 'exit');
    while (!existsSync(join(home, 'socket/.s.PGSQL.5432'))) await sleep(20);
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(existsSync(join(home, 'data/postmaster.pid'))).toBe(false);
  });

  it('by SIGTERM amid a statement of a demo shop leaves nothing, at once', async () => {
    const lock = database.dataSource.createQueryRunner();
    await lock.startTransaction();
    await lock.query('lock table audit_entry');
    const child = command(['demo', '--customers', '50'], { DATABASE_URL: database.url });
    const { said, status } = await stopAt(child, 'analysing', 'SIGTERM');
    await lock.rollbackTransaction();
    await lock.release();
    expect(said).toContain('RUN_CANCELLED: Loading was cancelled.');
    expect(status).toBe(143);
    expect(await database.dataSource.query('select count(*)::int as n from customer')).toEqual([{ n: 0 }]);
  });

  it('by SIGTERM amid a run cancels it', async () => {
    await generateDemoShop(database.dataSource, { customers: 300, seed: 3, until: new Date('2026-01-01') });
    const lock = database.dataSource.createQueryRunner();
    await lock.startTransaction();
    await lock.query('lock table snapshot in share mode');
    const child = command(['preprocess'], { DATABASE_URL: database.url });
    const { said, status } = await stopAt(child, '% ', 'SIGTERM');
    await lock.rollbackTransaction();
    await lock.release();
    expect(said).toContain('RUN_CANCELLED');
    expect(status).toBe(143);
    expect(await database.dataSource.query('select state from run')).toEqual([{ state: 'CANCELLED' }]);
  });

  it('twice ends at once, but not by the same Ctrl+C that npm passes on once more', async () => {
    const script = `import { onStopSignal } from ${JSON.stringify(build.module('src/cli/stop-signals.ts').href)};
      onStopSignal(() => console.log('told'));
      setInterval(() => undefined, 1_000);
      console.log('ready');`;
    const child = launch(['--input-type=module', '-e', script]);
    await once(child.stdout!, 'data');
    child.kill('SIGINT');
    child.kill('SIGINT');
    await once(child.stdout!, 'data');
    await sleep(700);
    expect(child.exitCode).toBeNull();
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
  });
});
