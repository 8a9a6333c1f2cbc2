import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { dayMs, latestAsOf } from '../../../src/days.js';
import { featureDefinitions } from '../../../src/ml/features/feature-definitions.js';
import { ApiKeysService } from '../../../src/services/api-keys.service.js';
import { RunStartsService } from '../../../src/services/runs/run-starts.service.js';
import { createTestJobs } from '../../support/jobs.js';
import { usableServing } from '../../support/usable-serving.js';

const insertSnapshot = (dataSource: DataSource, scaler: object = { spend: [] }) =>
  dataSource.query(
    `insert into snapshot (as_of, horizon_days, feature_schema, scaler, completed_at) values ('2024-03-01', 90, $1, $2, now())`,
    [JSON.stringify(featureDefinitions), scaler],
  );

it('learns seven days where scored predictions are for fewer', async () => {
  await using jobs = await createTestJobs();
  const { dataSource } = jobs.database;
  await dataSource.query(
    `with customer as (insert into customer (external_id) values ('one') returning id)
     insert into customer_order (external_id, customer_id, placed_at, currency, total)
     select 'first', id, '2024-03-01', 'EUR', 10 from customer`,
  );
  for (const [horizonDays, learnt] of [
    [3, 7],
    [90, 90],
  ] as const) {
    const starts = new RunStartsService(dataSource, { ...jobs.config, horizonDays }, jobs.runs);
    const { id, input } = await starts.preprocessing({}, null);
    expect(input).toMatchObject({ horizonDays: learnt });
    await jobs.runs.cancel(id);
  }
});

it('scores and preprocesses as of the beginning of the day that an instant lies in, as values are served', async () => {
  await using jobs = await createTestJobs();
  const { dataSource } = jobs.database;
  await dataSource.query(`insert into customer (id, external_id) values (1, 'c')`);
  await dataSource.query(
    `insert into customer_order (external_id, customer_id, placed_at, total, currency) values ('o', 1, '2024-01-01', 9, 'USD')`,
  );
  await dataSource.query(
    `insert into model_version (base, strategy, objective, state, serving) values ('b', 'FULL', 'ZILN', 'ACTIVE', $1)`,
    [usableServing],
  );
  const starts = new RunStartsService(dataSource, { ...jobs.config, asOf: '2024-03-01T10:00:00Z' }, jobs.runs);
  const asOf = new Date('2024-02-01T22:30:00-05:00');
  for (const start of [starts.scoring({ asOf }, null), starts.preprocessing({ asOf }, null)])
    expect((await start).input['asOf']).toBe('2024-02-02T00:00:00.000Z');
  expect((await starts.scoring({}, null)).input['asOf']).toBe('2024-03-01T00:00:00.000Z');
  // Of tomorrow, too, which is the latest day.
  const tomorrow = latestAsOf();
  const evening = new Date(tomorrow.getTime() + dayMs - 1);
  expect((await starts.scoring({ asOf: evening }, null)).input['asOf']).toBe(tomorrow.toISOString());
  const tooLate = new Date(tomorrow.getTime() + dayMs);
  await expect(starts.scoring({ asOf: tooLate }, null)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

it('takes any folder as a base from the command line, and from the API those that are let in', async () => {
  await using jobs = await createTestJobs();
  const { dataSource } = jobs.database;
  await insertSnapshot(dataSource);
  const key = await new ApiKeysService(dataSource).create('admin', 'ADMIN');
  const starts = new RunStartsService(dataSource, { ...jobs.config, baseFolder: '/srv/bases' }, jobs.runs);
  const inputOf = async (base: string, by: string | null) => (await starts.fineTune({ base }, by)).input['base'];
  expect(await inputOf('/etc', null)).toBe('/etc');
  expect(await inputOf('/srv/bases/minilm', key.apiKey.id)).toBe('/srv/bases/minilm');
  await expect(inputOf('/etc', key.apiKey.id)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
});

it('takes null in the settings of a fine-tune for what is left out', async () => {
  await using jobs = await createTestJobs();
  const { dataSource } = jobs.database;
  await insertSnapshot(dataSource);
  const starts = new RunStartsService(dataSource, jobs.config, jobs.runs);
  const { input } = await starts.fineTune(
    { snapshotId: null, base: null, strategy: null, epochs: 3, seed: null },
    null,
  );
  expect(input).toEqual({ snapshotId: '1', epochs: 3 });
});

it('refuses to train on a snapshot of an earlier version, the newest or a named one, before a run fails by it', async () => {
  await using jobs = await createTestJobs();
  const { dataSource } = jobs.database;
  await insertSnapshot(dataSource);
  await insertSnapshot(dataSource, {});
  const starts = new RunStartsService(dataSource, jobs.config, jobs.runs);
  for (const request of [{}, { snapshotId: '2' }]) {
    await expect(starts.fineTune(request, null)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(
        /^Snapshot 2 was made by an earlier version.*clvgraph preprocess; startRetrain makes one by itself/,
      ) as string,
    });
  }
  expect((await starts.fineTune({ snapshotId: '1' }, null)).input).toEqual({ snapshotId: '1' });
});
