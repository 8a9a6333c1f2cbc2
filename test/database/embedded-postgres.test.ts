import { execFile, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../src/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { openDatabase } from '../../src/database/open-database.js';
import { poolOf } from '../../src/database/pool.js';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { PostgresCluster } from '../../src/database/postgres-cluster.js';
import { buildForChildProcesses } from '../support/child-build.js';

/** Whether this process may mount a small file system, as to fill it. */
function mayMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'clvgraph-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', path], { stdio: 'ignore' });
    execFileSync('umount', [path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

describe('the embedded Postgres', () => {
  const folders: string[] = [];
  const started: EmbeddedPostgres[] = [];

  const folder = () => {
    const path = mkdtempSync(join(tmpdir(), 'clvgraph-pg-'));
    chmodSync(path, 0o755);
    folders.push(path);
    return path;
  };
  const start = async (dataDirectory: string) => {
    const postgres = await EmbeddedPostgres.start(dataDirectory);
    started.push(postgres);
    return postgres;
  };
  const socketOf = (postgres: EmbeddedPostgres) =>
    new URL(postgres.url().replace('@/', '@localhost/')).searchParams.get('host')!;
  const ask = async (postgres: EmbeddedPostgres, sql: string) => {
    const client = new pg.Client({ host: socketOf(postgres), user: 'clvgraph', database: 'postgres' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const untilAnswered = async (postgres: EmbeddedPostgres) => {
    for (let second = 0; second < 20; second++) {
      await sleep(1_000);
      const answered = await ask(postgres, 'select 1').catch(() => undefined);
      if (answered) return true;
    }
    return false;
  };
  const readLog = (path: string) => readFileSync(join(path, 'postgres/data/server.log'), 'utf8');
  const postmaster = (dataDirectory: string) =>
    Number(readFileSync(join(dataDirectory, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]);

  afterEach(async () => {
    for (const postgres of started.splice(0)) await postgres.stop();
    for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
  });

  it('starts from nothing, keeps data over a stop, and listens on no port', async () => {
    const path = folder();
    const first = await start(path);
    await ask(first, 'create table kept (x int)');
    await first.stop();
    const second = await start(path);
    expect(
      await ask(second, `select to_regclass('kept')::text as t, current_setting('listen_addresses') as l`),
    ).toEqual([{ t: 'kept', l: '' }]);
  });

  it('keeps values of refused rows out of its log', async () => {
    const path = folder();
    const postgres = await start(path);
    await ask(postgres, 'create table person (name text primary key)');
    const refused = ask(postgres, `insert into person values ('Zwackelmann'); insert into person select 'Zwackelmann'`);
    await expect(refused).rejects.toMatchObject({ detail: expect.stringContaining('(Zwackelmann)') as string });
    const log = readLog(path);
    expect(log).toContain('duplicate key');
    expect(log).not.toContain('(Zwackelmann)');
  });

  it('logs no checkpoints, whose lines would grow for ever', async () => {
    const path = folder();
    await ask(await start(path), 'create table written (x int); checkpoint');
    expect(readLog(path)).toContain('ready to accept connections');
    expect(readLog(path)).not.toContain('checkpoint');
  });

  it.each(["a shop's ü", 'shops, "new"', '$HOME `x`'])('starts in a folder of any name: %s', async (name) => {
    const postgres = await start(join(folder(), name));
    expect(await ask(postgres, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it.each(['socket beside its data', 'x'.repeat(100)])('is named where it does not answer: %s', async (name) => {
    const postgres = await start(join(folder(), name));
    const url = await postgres.database('clvgraph');
    const opened = async () => (await openDatabase(loadConfig({ DATABASE_URL: url }, 'no-such-file').config)).close();
    await postgres.stop();
    const failure: unknown = await opened().catch((error: unknown) => error);
    expect(String(failure)).toMatch(/does not answer: connect ENOENT .*embedded.*server\.log/);
    expect(String(failure)).not.toContain('DATABASE_URL');
  });

  it('says that its folder cannot be written, also where that leads to nothing, which Node tells as it does a read-only disk', async () => {
    const path = join(folder(), 'link');
    symlinkSync(join(path, '../no/such/disk'), path);
    await expect(openDatabase(loadConfig({ CLVGRAPH_DATA_DIR: path }, 'no-such-file').config)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `The folder ${path} cannot be written (ENOENT). Choose another one with CLVGRAPH_DATA_DIR.`,
    });
  });

  it('is made whole or not at all, and once by two starts at a time', async () => {
    const path = folder();
    const files = () => (existsSync(join(path, 'postgres')) ? readdirSync(join(path, 'postgres')) : []);
    const refused = start(path).catch((error: unknown) => error);
    await vi.waitUntil(() => files().some((name) => existsSync(join(path, 'postgres', name, 'PG_VERSION'))), 10_000);
    await promisify(execFile)('pkill', ['-9', '-f', `initdb -D ${path}`]);
    expect(await refused).toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining('cannot make its files') as string,
    });
    const [first] = await Promise.all([start(path), start(path)]);
    expect(await ask(first, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(files().toSorted()).toEqual(['data', 'socket']);
  });

  it('says why it does not come back', async () => {
    const path = folder();
    const postgres = await start(path);
    const said = vi.spyOn(console, 'error').mockReturnValue();
    const data = join(path, 'postgres/data');
    const pid = postmaster(path);
    chmodSync(data, 0);
    process.kill(pid, 'SIGKILL');
    await vi.waitUntil(() => said.mock.calls.length > 0, 20_000);
    expect(said.mock.calls[0]).toEqual([expect.stringMatching(/does not start.*permission denied/is)]);
    chmodSync(data, 0o700);
    expect(await untilAnswered(postgres)).toBe(true);
    said.mockRestore();
  });

  it.skipIf(process.getuid?.() !== 0)('takes no folder for its socket that another user has made', async () => {
    const path = join(folder(), 'x'.repeat(100));
    const socket = join(
      '/tmp',
      `clvgraph-${createHash('sha256').update(join(path, 'postgres')).digest('hex').slice(0, 12)}`,
    );
    mkdirSync(socket);
    chmodSync(socket, 0o777);
    folders.push(socket);
    const refused = { code: 'DATABASE_UNAVAILABLE', message: expect.stringContaining(socket) };
    await expect(start(path)).rejects.toMatchObject(refused);
    chmodSync(socket, 0o700);
    chownSync(socket, 12_345, 12_345);
    await expect(start(path)).rejects.toMatchObject(refused);
    chownSync(socket, 0, 0);
    await start(path);
    expect(existsSync(join(socket, '.s.PGSQL.5432'))).toBe(true);
  });

  it.skipIf(process.getuid?.() !== 0)('tells whose a copied folder must be', async () => {
    const path = folder();
    await (await start(path)).stop();
    const data = join(path, 'postgres/data');
    const { uid, gid } = statSync(data);
    chownSync(data, 0, 0);
    const failure = await start(path).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(String(failure)).toMatch(/denied.*belong/is);
    expect(String(failure)).toContain(`chown -R ${uid}:${gid} ${join(path, 'postgres')}\n`);
    chownSync(data, uid, gid);
    expect(await ask(await start(path), 'select 1 as x')).toEqual([{ x: 1 }]);
  });

  it('leaves the server alone that a folder was copied from while it ran', async () => {
    const [path, copy] = [folder(), join(folder(), 'copy')];
    const postgres = await start(path);
    const pid = postmaster(path);
    await promisify(execFile)('cp', ['-a', path, copy]);
    rmSync(join(copy, 'postgres/socket/.s.PGSQL.5432'), { force: true });
    await expect(start(copy)).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining(`copy of ${join(path, 'postgres/data')}, made while`) as string,
    });
    expect(postmaster(path)).toBe(pid);
    expect(await ask(postgres, 'select 1 as one')).toEqual([{ one: 1 }]);
    // Nobody runs in what was copied any more: Postgres recovers what it finds.
    await postgres.stop();
    expect(await ask(await start(copy), 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('adopts the server that a killed process left behind', async () => {
    const path = folder();
    await start(path);
    const pid = postmaster(path);
    await start(path);
    expect(postmaster(path)).toBe(pid);
  });

  it('is the same for processes with temporary folders of their own, also where its socket is not beside its data', async () => {
    const path = join(folder(), 'x'.repeat(100));
    const first = await start(path);
    const session = new pg.Client({ host: socketOf(first), user: 'clvgraph', database: 'postgres' });
    await session.connect();
    vi.stubEnv('TMPDIR', folder());
    const second = await start(path).finally(() => vi.unstubAllEnvs());
    expect((await session.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    expect(second.url()).toBe(first.url());
    await session.end();
  });

  it('is not stopped under a process that has asked nothing for a while', async () => {
    const path = folder();
    const postgres = await start(path);
    const pid = postmaster(path);
    const dataSource = await createDataSource({ url: postgres.url(), poolSize: 2 }).initialize();
    poolOf(dataSource).options.idleTimeoutMillis = 20;
    await Promise.all([dataSource.query('select 1'), dataSource.query('select 1')]);
    await sleep(200);
    await (await start(path)).stop();
    expect(await dataSource.query('select 1 as one')).toEqual([{ one: 1 }]);
    expect(postmaster(path)).toBe(pid);
    await dataSource.destroy();
  });

  it('is not stopped while others have all its connections', async () => {
    const path = folder();
    const postgres = await start(path);
    const pid = postmaster(path);
    const refusal = Object.assign(new pg.DatabaseError('sorry, too many clients already', 0, 'error'), {
      code: '53300',
    });
    const connect = vi.spyOn(pg.Client.prototype, 'connect').mockImplementation(() => Promise.reject(refusal));
    await postgres.stop();
    connect.mockRestore();
    expect(await ask(postgres, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(postmaster(path)).toBe(pid);
  });

  it('is stopped once it has recovered from a crash: it would never end, nor start again', async () => {
    const dataDirectory = folder();
    const postgres = await start(dataDirectory);
    // What takes a moment to recover.
    await ask(postgres, `create table rows as select repeat('x', 200) as text from generate_series(1, 500000)`);
    const client = new pg.Client({ host: socketOf(postgres), user: 'clvgraph', database: 'postgres' });
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    process.kill(rows[0]!.pid, 'SIGKILL');
    const refusal = async () => {
      for (;;) {
        const failure = await ask(postgres, 'select 1').catch((error: pg.DatabaseError) => error);
        if (failure instanceof pg.DatabaseError) return failure.message;
      }
    };
    expect(await refusal()).toContain('recovery mode');
    await postgres.stop();
    expect(existsSync(join(dataDirectory, 'postgres/data/postmaster.pid'))).toBe(false);
  }, 120_000);

  it('leaves no server behind where one is being started again as it is stopped', async () => {
    const path = folder();
    const postgres = await start(path);
    const starting = vi.spyOn(PostgresCluster.prototype, 'ensureRunning');
    process.kill(postmaster(path), 'SIGINT');
    await vi.waitUntil(() => starting.mock.calls.length > 0, { timeout: 10_000 });
    await postgres.stop();
    await Promise.allSettled(starting.mock.results.map(({ value }) => value as Promise<void>));
    starting.mockRestore();
    expect(existsSync(join(path, 'postgres/data/postmaster.pid'))).toBe(false);
  });

  it.runIf(mayMount())(
    'says that its disk is full where its log has no room for that',
    async () => {
      const path = folder();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=300m,mode=755', 'tmpfs', path]);
      try {
        await (await start(path)).stop();
        rmSync(join(path, 'postgres/data/server.log'));
        const { bavail, bsize } = statfsSync(path);
        writeFileSync(join(path, 'others'), Buffer.alloc(bavail * bsize));
        await expect(start(path)).rejects.toMatchObject({
          code: 'DATABASE_UNAVAILABLE',
          message: expect.stringMatching(
            /does not start\. Its disk is full: make room there\.\nThe end of its log:\n$/,
          ),
        });
        rmSync(join(path, 'others'));
        const postgres = await start(path);
        expect(await ask(postgres, 'select 1 as one')).toEqual([{ one: 1 }]);
        await postgres.stop();
      } finally {
        execFileSync('umount', ['-l', path]);
      }
    },
    120_000,
  );

  it('starts a killed server again', async () => {
    const path = folder();
    const postgres = await start(path);
    const pid = postmaster(path);
    process.kill(pid, 'SIGKILL');
    await untilAnswered(postgres);
    expect(await ask(postgres, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(postmaster(path)).not.toBe(pid);
  });

  it.skipIf(process.platform !== 'linux').each([
    ['another process has got its number', 'exec sleep 600'],
    [
      'its process is dead, but not gone, as in a container whose first process is Node',
      'sleep 0.1 & echo $!; exec sleep 600',
    ],
  ])('starts a killed server again, though %s', async (_, script) => {
    const path = folder();
    const postgres = await start(path);
    const files = ['data/postmaster.pid', 'socket/.s.PGSQL.5432.lock'].map((file) => join(path, 'postgres', file));
    const { uid, gid } = statSync(files[0]!);
    const other = spawn('sh', ['-c', script], { uid, gid, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      other.stdout.setEncoding('utf8');
      const told = script.includes('echo') ? String(await other.stdout.take(1).toArray()) : other.pid;
      await sleep(500);
      process.kill(postmaster(path), 'SIGKILL');
      for (const file of files) writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(Number(told))));
      expect(await untilAnswered(postgres)).toBe(true);
      expect(postmaster(path)).not.toBe(Number(told));
      expect(other.exitCode ?? other.signalCode).toBeNull();
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('starts again a server that was sent SIGTERM, though it has clients, whose end it would wait for', async () => {
    const path = folder();
    const postgres = await start(path);
    const client = new pg.Client({ host: socketOf(postgres), user: 'clvgraph', database: 'postgres' });
    client.on('error', () => undefined);
    await client.connect();
    const pid = postmaster(path);
    process.kill(pid, 'SIGTERM');
    expect(await untilAnswered(postgres)).toBe(true);
    expect(postmaster(path)).not.toBe(pid);
  });

  it('comes back when its socket was cleaned away', async () => {
    const path = folder();
    const postgres = await start(path);
    rmSync(join(path, 'postgres/socket/.s.PGSQL.5432'));
    expect(await untilAnswered(postgres)).toBe(true);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'works for root under a folder that only root may enter, by any umask',
    async () => {
      const path = join(folder(), 'data');
      const named = createHash('sha256').update(path).digest('hex').slice(0, 12);
      folders.push(`/var/tmp/clvgraph-${named}`);
      const umask = process.umask(0o077);
      try {
        const postgres = await start(path);
        expect(await ask(postgres, 'select 1 as one')).toEqual([{ one: 1 }]);
      } finally {
        process.umask(umask);
      }
      expect(existsSync(join(path, 'postgres'))).toBe(false);
    },
  );

  const othersMayRead = (path: string): boolean =>
    existsSync(path) && (statSync(path).mode & 0o005) !== 0 && (path === '/' || othersMayRead(dirname(path)));

  // In a clone that only root may enter, an ordinary user finds no code to run.
  it.skipIf(process.getuid?.() !== 0)('works for an ordinary user', async ({ skip }) => {
    const { module } = await buildForChildProcesses();
    const program = fileURLToPath(module('src/database/embedded-postgres.ts'));
    skip(!othersMayRead(program), 'others may not read the code');
    const path = folder();
    chmodSync(path, 0o777);
    const script = `import('${program}').then(async ({ EmbeddedPostgres }) => {
      const postgres = await EmbeddedPostgres.start('${join(path, 'data')}');
      await postgres.stop();
      console.log(process.getuid());
    })`;
    const output = await new Promise<string>((done, fail) =>
      execFile(process.execPath, ['-e', script], { uid: 65_534, gid: 65_534 }, (error, out) =>
        error ? fail(error) : done(out),
      ),
    );
    expect(output.trim()).toBe('65534');
  });
});
