import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { onDatabase } from '../../src/cli/on-database.js';
import { importFile } from '../../src/services/ingestion/import-file.js';
import { useTestDatabase } from '../support/database.js';
import { useFolder } from '../support/folder.js';
import { startProxy } from '../support/proxy.js';

describe('a command whose Postgres vanishes without a word', () => {
  const database = useTestDatabase();
  const folder = useFolder();
  afterAll(() => vi.unstubAllEnvs());

  it('ends, and says how to go on', async () => {
    const path = join(folder, 'orders.csv');
    await writeOrders(path, 400_000);
    await using proxy = await startProxy(database.dataSource);
    vi.stubEnv('DATABASE_URL', proxy.url);
    const importing = onDatabase(
      (dataSource, { currency }, { signal, progress }) =>
        importFile(dataSource, {
          path,
          mapping: {
            kind: 'orders',
            columns: {
              'order.externalId': 'id',
              'customer.externalId': 'buyer',
              'order.placedAt': 'day',
              'order.total': 'sum',
            },
          },
          source: 'shop',
          currency,
          signal,
          progress: {
            report(phase, fraction) {
              if (fraction > 0.05) proxy.vanish();
              return progress.report(phase, fraction);
            },
          },
        }),
      { askEvery: 200, patience: 2_000 },
    );
    await expect(importing).rejects.toMatchObject({
      code: 'DATABASE_UNAVAILABLE',
      message: expect.stringContaining('Either everything was written or nothing; run the same again'),
    });
    expect(await database.dataSource.query('select count(*)::int as n from customer_order')).toEqual([{ n: 0 }]);
  });
});

async function writeOrders(path: string, count: number): Promise<void> {
  const file = createWriteStream(path);
  file.write('id,buyer,day,sum\n');
  for (let i = 0; i < count; i++) file.write(`o${i},c${i % 1_000},2025-01-01,5\n`);
  file.end();
  await once(file, 'close');
}
