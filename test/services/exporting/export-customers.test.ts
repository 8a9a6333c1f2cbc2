import { createWriteStream, existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Segment } from '../../../src/entities/index.js';
import { cancelled } from '../../../src/progress.js';
import type { CustomerFilter } from '../../../src/services/customers/customer-filter.types.js';
import { CustomerListService } from '../../../src/services/customers/customer-list.service.js';
import { exportCustomers } from '../../../src/services/exporting/export-customers.js';
import { type ExportTarget, openFileTarget, streamTarget } from '../../../src/services/exporting/export-target.js';
import { useScoredShop } from '../../support/scored-shop.js';

const options = {
  format: 'csv',
  scoring: {},
  memberships: [],
  level: 0.8,
  currency: 'USD',
  personalData: false,
  raw: false,
} as const;

/** One of each, so that whoever adds a condition must add it here. */
const conditions: Required<CustomerFilter> = {
  clv: { min: 1 },
  percentile: { min: 50 },
  purchaseProbability: { min: 0.1 },
  churnProbability: { min: 0.1 },
  predictedOrders: { min: 1 },
  tier: ['GOLD'],
  changedSince: '2026-01-01T00:00:00Z',
  tierChange: { from: ['GOLD'], to: ['SILVER'], lastDays: 7 },
  nextOrderDays: { max: 14 },
  recencyDays: { max: 100 },
  tenureDays: { max: 100 },
  orders: { min: 1 },
  spend: { min: 1 },
  averageOrderValue: { min: 1 },
  averageDaysBetweenOrders: { min: 1 },
  country: ['France'],
  externalId: ['1'],
  source: ['default'],
  boughtCategory: ['Cups'],
  boughtProduct: 'cup',
  eventCounts: [{ type: 'BROWSE' }],
  campaign: { name: 'Spring' },
  attributes: { channel: 'search' },
  person: { name: 'Ada' },
  and: [{ orders: { min: 1 } }],
  or: [{ orders: { min: 1 } }],
  not: { orders: { min: 1 } },
};

describe('an export', () => {
  const shop = useScoredShop();
  const nowhere: ExportTarget = {
    write: async () => undefined,
    finish: async () => undefined,
    abandon: async () => undefined,
  };

  it.each(Object.entries(conditions))('takes the condition %s of a filter or a segment', async (name, value) => {
    const filter = { [name]: value };
    const lists = new CustomerListService(shop.dataSource, { asOf: '2025-07-01' });
    const { count } = await lists.aggregate(filter);
    const segments = shop.dataSource.getRepository(Segment);
    const segment = await segments.save(segments.create({ name, filter }));
    for (const chosen of [{ filter }, { segment: name }]) {
      const asked = { ...options, ...chosen, memberships: [segment.name] };
      expect((await exportCustomers(shop.dataSource, nowhere, asked)).customers).toBe(count);
    }
  });

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

  it.runIf(existsSync('/dev/full'))('that finds the disk full is no success', async () => {
    const output = createWriteStream('/dev/full');
    output.on('error', () => undefined);
    await expect(exportCustomers(shop.dataSource, streamTarget(output), options)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringMatching(/cannot be written: ENOSPC.*make room/),
    });
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
