import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkBase } from '../../../src/cli/doctor/base-check.js';
import { checkDatabase } from '../../../src/cli/doctor/database-check.js';
import { checkConfiguredEngine, checkOnnxRuntime } from '../../../src/cli/doctor/engine-check.js';
import { checkNode } from '../../../src/cli/doctor/node-check.js';
import { checkDisk, checkMemory, judgeDisk, judgeMemory } from '../../../src/cli/doctor/resources-check.js';
import { loadConfig } from '../../../src/config.js';
import { testConfig } from '../../support/config.js';

const GiB = 1024 ** 3;

describe('checkNode', () => {
  it.each([
    ['18.20.8', 'MISSING', true],
    ['20.20.2', 'WARN', false],
    ['22.11.0', 'WARN', false],
    ['22.12.0', 'OK', false],
    ['24.0.1', 'OK', false],
  ])('%s: %s', (version, status, blocks) => {
    expect(checkNode(version)).toMatchObject({ status, blocks });
  });
});

describe('resources', () => {
  it('reads what this machine has', async () => {
    expect((await checkDisk('no/such/folder')).found).toMatch(/^\d+\.\d GiB free at \//);
    expect(checkMemory().found).toMatch(/GiB, .* GiB of it available$/);
  });

  it('blocks where an empty database has no room, warns where a shop has none', () => {
    expect(judgeDisk(0.1 * GiB, '/data')).toMatchObject({ status: 'MISSING', blocks: true });
    expect(judgeDisk(2 * GiB, '/data')).toMatchObject({ status: 'WARN', blocks: false });
    expect(judgeDisk(50 * GiB, '/data')).toMatchObject({ status: 'OK', found: '50.0 GiB free at /data' });
    expect(judgeMemory(4 * GiB, 1 * GiB)).toMatchObject({ status: 'WARN', blocks: false });
    expect(judgeMemory(4 * GiB, 3 * GiB)).toMatchObject({ status: 'OK' });
  });
});

describe('checkDatabase', () => {
  it('runs the binaries of the embedded Postgres', async () => {
    expect(await checkDatabase({ ...testConfig(), databaseUrl: undefined })).toMatchObject({
      status: 'OK',
      found: expect.stringMatching(/^embedded, postgres \(PostgreSQL\) \d+/) as string,
    });
  });

  it('blocks where nothing answers, without showing the password', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    server.close();
    await once(server, 'close');
    const finding = await checkDatabase({
      ...testConfig(),
      databaseUrl: `postgres://shop:secret@127.0.0.1:${port}/shop`,
    });
    expect(finding).toMatchObject({ status: 'MISSING', blocks: true });
    expect(finding.found).toContain('ECONNREFUSED');
    expect(JSON.stringify(finding)).not.toContain('secret');
  });
});

describe('checkBase', () => {
  const config = loadConfig({}, 'no-such-file').config;

  it('reads the built-in base', async () => {
    expect(await checkBase(config)).toMatchObject({ status: 'OK' });
  });

  it('finds out that a folder holds no model, or is not there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clvgraph-base-'));
    expect(await checkBase({ ...config, base: folder })).toMatchObject({ status: 'MISSING', blocks: false });
    const absent = await checkBase({ ...config, base: join(folder, 'absent') });
    expect(absent).toMatchObject({
      status: 'MISSING',
      found: expect.stringContaining('There is no folder') as string,
      remedy: expect.stringMatching(/^Set CLVGRAPH_BASE/) as string,
    });
    rmSync(folder, { recursive: true });
  });

  it('says why a folder cannot be looked at', async () => {
    const base = `/${'a'.repeat(300)}`;
    const finding = await checkBase({ ...config, base });
    expect(finding).toMatchObject({ status: 'MISSING', blocks: false });
    expect(finding.found).toContain(`${base} cannot be read (ENAMETOOLONG), and`);
  });

  it('downloads nothing', async () => {
    const base = 'sentence-transformers/all-MiniLM-L6-v2';
    expect(await checkBase({ ...config, base, hubEndpoint: 'http://127.0.0.1:1' })).toMatchObject({ status: 'WARN' });
  });
});

describe('engines', () => {
  it('tries ONNX Runtime', async () => {
    expect(await checkOnnxRuntime()).toMatchObject({ status: 'OK', found: expect.stringContaining('CPU') as string });
  });

  it('blocks where the settings ask for what cannot run', async () => {
    const finding = await checkConfiguredEngine({ engine: 'tensorflow', device: 'webgpu', threads: 0 });
    expect(finding).toMatchObject({ status: 'MISSING', blocks: true });
    expect(finding.name).toContain('CLVGRAPH_DEVICE=webgpu');
  });
});
