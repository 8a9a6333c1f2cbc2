import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cancelled } from '../../../src/progress.js';
import { exportCustomers } from '../../../src/services/exporting/export-customers.js';
import { type ExportTarget, openFileTarget } from '../../../src/services/exporting/export-target.js';
import { useScoredShop } from '../../support/scored-shop.js';

const options = { format: 'csv', memberships: [], level: 0.8, personalData: false, raw: false } as const;

describe('an export', () => {
  const shop = useScoredShop();

  it('shows one state of the database, whatever is written meanwhile', async () => {
    await shop.dataSource.query(
      `insert into customer (external_id) select 'many ' || i from generate_series(1, 5000) i`,
    );
    let text = '';
    let writes = 0;
    const target: ExportTarget = {
      async write(part) {
        text += part;
        if (++writes > 1) return;
        await shop.dataSource.query(`delete from customer where external_id = 'many 5000'`);
        await shop.dataSource.query(`insert into customer (external_id) values ('late')`);
      },
      finish: async () => undefined,
      abandon: async () => undefined,
    };
    const { customers } = await exportCustomers(shop.dataSource, target, options);
    expect(customers).toBe(5_301);
    expect(writes).toBeGreaterThan(3);
    expect(text).toContain('many 5000');
    expect(text).not.toContain('late');
  });

  it('leaves nothing where it was cancelled', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'clvgraph-cancelled-'));
    try {
      const abort = new AbortController();
      const progress = { report: (phase: string) => void (phase === 'writing customers' && abort.abort(cancelled())) };
      const target = await openFileTarget(join(folder, 'x.csv'));
      const exporting = exportCustomers(shop.dataSource, target, { ...options, progress, signal: abort.signal });
      await expect(exporting).rejects.toMatchObject({ code: 'RUN_CANCELLED' });
      expect(await readdir(folder)).toEqual([]);
      await exportCustomers(shop.dataSource, await openFileTarget(join(folder, 'x.csv')), options);
      expect((await readFile(join(folder, 'x.csv'), 'utf8')).split('\n')).toHaveLength(5_303);
      expect(await readdir(folder)).toEqual(['x.csv']);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
