import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { buildForChildProcesses } from '../../../support/child-build.js';

describe('ONNX Runtime', () => {
  it('keeps no number of the machine, and gathers nothing to send', async () => {
    const build = await buildForChildProcesses();
    const home = mkdtempSync(join(tmpdir(), 'clvgraph-home-'));
    const script = `const { createEngine } = await import('${build.module('src/ml/engine/create-engine.ts').href}');
      console.log((await createEngine({ engine: 'onnx', device: 'cpu', threads: 1 })).description);
      process.exit(0);`;
    // Without CI's own variables, which keep it quiet, too.
    const env = { PATH: process.env['PATH'], HOME: home, TMPDIR: home };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      cwd: home,
      env,
    });
    expect(stdout).toMatch(/^ONNX Runtime .*CPU/);
    expect(readdirSync(home, { recursive: true })).toEqual([]);
    rmSync(home, { recursive: true });
  });
});
