import { expect, it } from 'vitest';
import { recordEvents } from '../../src/services/ingestion/live/upserts.js';
import { useTestDatabase } from '../support/database.js';

const database = useTestDatabase();

const event = (month: string) => ({
  externalId: month,
  customerExternalId: 'c',
  type: 'BROWSE' as const,
  occurredAt: new Date(`${month}-05`),
});

it('takes the first event of a month while somebody is reading events', async () => {
  const { dataSource } = database;
  await recordEvents(dataSource, [event('2026-01')], 'shop');
  await using backup = dataSource.createQueryRunner();
  await backup.startTransaction('REPEATABLE READ');
  await backup.query('select 1 from behavior_event');
  expect(await recordEvents(dataSource, [event('2026-02')], 'shop')).toMatchObject([{ status: 'CREATED' }]);
  expect(await dataSource.query('select tableoid::regclass::text as month from behavior_event order by 1')).toEqual([
    { month: 'behavior_event_2026_01' },
    { month: 'behavior_event_2026_02' },
  ]);
  await backup.rollbackTransaction();
}, 20_000);
