import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { logDestination } from '../src/outputs.js';
import { type ChildBuild, buildForChildProcesses } from './support/child-build.js';

/** Takes whatever is opened and has no room for what is written. */
const fullDisk = '/dev/full';

describe.skipIf(!existsSync(fullDisk))('outputs on a full disk', () => {
  let build: ChildBuild;
  let full: number;
  beforeAll(async () => {
    build = await buildForChildProcesses();
    full = openSync(fullDisk, 'w');
  });
  afterAll(() => closeSync(full));

  it('cost log lines, until there is room', () => {
    const folder = mkdtempSync(join(tmpdir(), 'clvgraph-outputs-'));
    const path = join(folder, 'log');
    const file = openSync(path, 'w');
    const logger = pino({}, logDestination(file));
    const write = vi.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    });
    for (let i = 0; i < 3; i++) logger.info('lost');
    write.mockRestore();
    logger.info('last');
    closeSync(file);
    expect(readFileSync(path, 'utf8')).toMatch(/^.*"last".*\n$/);
    rmSync(folder, { recursive: true });
  });

  it('end no logger', () => {
    const logger = pino({}, logDestination(full));
    expect(() => {
      for (let i = 0; i < 3; i++) logger.info('a line');
    }).not.toThrow();
  });

  it('end no command, as those would that write again and again', async () => {
    const script = `import { goOnWithoutOutputs } from ${JSON.stringify(build.module('src/outputs.ts').href)};
      import { setTimeout as sleep } from 'node:timers/promises';
      goOnWithoutOutputs();
      for (let i = 0; i < 3; i++) {
        console.log('a result');
        console.error('progress');
        await sleep(10);
      }`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', full, full],
    });
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
