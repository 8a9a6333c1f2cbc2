import { expect, it } from 'vitest';
import { RunStartsService } from '../../../src/services/runs/run-starts.service.js';
import { createTestJobs } from '../../support/jobs.js';

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
