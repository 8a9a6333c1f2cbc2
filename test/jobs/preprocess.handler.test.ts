import { expect, it } from 'vitest';
import { Run, Snapshot } from '../../src/entities/index.js';
import { preprocessHandler } from '../../src/jobs/handlers/preprocess.handler.js';
import { silentProgress } from '../../src/progress.js';
import { testConfig } from '../support/config.js';
import { useScoredShop } from '../support/scored-shop.js';

const shop = useScoredShop();

it('a preprocessing that goes on after its snapshot was made removes who was erased while the rows were made', async () => {
  const { dataSource } = shop;
  const { manager } = dataSource;
  const run = await manager.save(manager.create(Run, { kind: 'PREPROCESS', input: {} }));
  const [{ id, customerId }] = await dataSource.query<[{ id: string; customerId: string }]>(
    'select snapshot_id as id, customer_id as "customerId" from snapshot_row limit 1',
  );
  await manager.update(Snapshot, id, { runId: run.id });
  // As the erasure, which did not see the rows, and the worker that died just then have left it.
  await dataSource.query('delete from customer where id = $1', [customerId]);
  const result = await preprocessHandler(
    {},
    {
      run,
      dataSource,
      config: testConfig(),
      progress: silentProgress,
      signal: new AbortController().signal,
      fanOut: async () => [],
    },
  );
  expect(result).toEqual({ snapshotId: id });
  expect(await dataSource.query('select from snapshot_row where customer_id = $1', [customerId])).toEqual([]);
});
