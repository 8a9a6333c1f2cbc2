import { execFile } from 'node:child_process';
import { readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Section } from '../../src/cli/doctor/diagnose.js';
import { type ChildBuild, buildForChildProcesses } from '../support/child-build.js';
import { useFolder } from '../support/folder.js';

describe('clvgraph doctor', () => {
  const folder = useFolder();
  let build: ChildBuild;
  beforeAll(async () => void (build = await buildForChildProcesses()));

  const run = (args: string[], env: Record<string, string> = {}): Promise<{ code: number; printed: string }> =>
    new Promise((resolve) => {
      const options = { cwd: folder, env: { PATH: process.env['PATH'], ...env } };
      const main = fileURLToPath(build.module('src/cli/main.ts'));
      execFile(process.execPath, [main, 'doctor', ...args], options, (error, printed) =>
        resolve({ code: Number(error?.code ?? 0), printed }),
      );
    });

  it('succeeds where the service can start, whatever is missing beside it, and writes nothing', async () => {
    const { code, printed } = await run(['--json']);
    const { canStart, sections } = JSON.parse(printed) as { canStart: boolean; sections: Section[] };
    expect(canStart).toBe(true);
    expect(code).toBe(0);
    expect(sections.map(({ title }) => title)).toEqual(['Service', 'GPU', 'Other engine']);
    const findings = sections.flatMap((section) => section.findings);
    for (const { status, remedy } of findings) expect(remedy === undefined).toBe(status === 'OK');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('fails where it cannot, and says what to mend', async () => {
    const { code, printed } = await run([], { DATABASE_URL: 'postgres://shop:secret@127.0.0.1:1/shop' });
    expect(code).toBe(1);
    expect(printed).toMatch(/MISSING {2}Postgres: does not answer: .*\n +Check that DATABASE_URL/);
    expect(printed).toContain('The service cannot start');
    expect(printed).not.toContain('secret');
  });

  it('tells of a .env that cannot be read as of any other finding', async () => {
    const dotEnv = join(folder, '.env');
    symlinkSync(dotEnv, dotEnv);
    const { code, printed } = await run(['--json']);
    rmSync(dotEnv);
    const { sections } = JSON.parse(printed) as { sections: Section[] };
    const settings = sections[0]!.findings.find(({ name }) => name === 'Settings');
    expect(settings?.found).toMatch(/\.env cannot be read \(ELOOP\)/);
    expect(code).toBe(1);
  });

  it('asks for a folder to write to only where Postgres is the embedded one', async () => {
    const { code, printed } = await run([], { CLVGRAPH_DATA_DIR: process.execPath });
    expect(code).toBe(1);
    expect(printed).toContain('MISSING  Disk: ');
    const url = 'postgres://shop:secret@127.0.0.1:1/shop';
    expect((await run([], { CLVGRAPH_DATA_DIR: process.execPath, DATABASE_URL: url })).printed).not.toContain('Disk');
  });

  it('fails on wrong settings, and still looks at the rest', async () => {
    const { code, printed } = await run([], { PORT: 'none' });
    expect(code).toBe(1);
    expect(printed).toMatch(/MISSING {2}Settings: .*\n.*PORT=none/);
    expect(printed).toContain('ONNX Runtime');
  });
});
