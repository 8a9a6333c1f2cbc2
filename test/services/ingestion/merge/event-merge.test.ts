import { expect, it } from 'vitest';
import { eventMerge } from '../../../../src/services/ingestion/merge/events.js';
import { IngestionSession } from '../../../../src/services/ingestion/ingestion-session.js';
import { mergeStagedEvents } from '../../../../src/services/ingestion/merge/staged-events.js';
import { useTestDatabase } from '../../../support/database.js';

const database = useTestDatabase();

it('a merge of events reads those of the months that it brings, not of all', async () => {
  const { dataSource } = database;
  const events = 20_000;
  await dataSource.query(`insert into customer (external_id) values ('c')`);
  await dataSource.query(`select ensure_behavior_event_partitions('2024-01-01Z', '2025-12-31Z')`);
  await dataSource.query(
    `insert into behavior_event (external_id, customer_id, type, occurred_at)
     select i, c.id, 'BROWSE', '2024-01-01Z'::timestamptz + i * interval '50 minutes'
     from customer c, generate_series(1, ${events}) i`,
  );
  await dataSource.query(
    `create table given as
     select i::text as external_id, 'c' as customer, null as product, 'CLICK' as type, null as text, null::jsonb as attributes,
       '2024-01-01Z'::timestamptz + i * interval '50 minutes' as occurred_at
     from generate_series(${events} - 1999, ${events}) i where i % 4 = 0`,
  );
  await dataSource.query('analyze behavior_event, given');
  const plan = await dataSource.transaction(async (manager) => {
    // As the planner takes it for many events among very many.
    await manager.query('set local enable_nestloop = off');
    return manager.query<unknown>(
      `explain (analyze, format json) ${eventMerge('select * from given')} select count(*) from changed`,
      ['default'],
    );
  });
  const scans = JSON.stringify(plan).matchAll(
    /"Relation Name":"behavior_event_(\d{4}_\d{2})".*?"Actual Rows":([\d.]+).*?"Actual Loops":(\d+)/g,
  );
  const read = [...scans].filter(([, , , loops]) => Number(loops) > 0).map(([, month]) => month);
  expect(new Set(read)).toEqual(new Set(['2025_09', '2025_10', '2025_11']));
  expect(
    await dataSource.query(`select type, count(*)::integer as events from behavior_event group by 1 order by 1`),
  ).toEqual([
    { type: 'BROWSE', events: events - 500 },
    { type: 'CLICK', events: 500 },
  ]);
});

it('a file of many events is merged part by part in the order of time, and tells how far it is', async () => {
  const { dataSource } = database;
  await dataSource.query(`insert into customer (source, external_id) values ('web', 'c')`);
  await dataSource.query(`select ensure_behavior_event_partitions('2025-01-01Z', '2025-02-28Z')`);
  const told: number[] = [];
  const nestedLoops: string[] = [];
  const merged = await IngestionSession.use(dataSource, undefined, async (session) => {
    await session.query(`
      create temporary table staged_event as
      select i::text as external_id, 'c' as customer, null as product, 'CLICK' as type, null as text, null::jsonb as attributes,
        '2025-01-31T23:59:59.999998Z'::timestamptz + (case when i between 3 and 6 then 3 else i end) * interval '1 microsecond'
          as occurred_at
      from generate_series(8, 1, -1) i`);
    await session.query(
      'create temporary table changed_event (customer_id bigint, previous_customer_id bigint, created boolean)',
    );
    const note = async () => {
      const [setting] = await session.query<{ enable_nestloop: string }>('show enable_nestloop');
      nestedLoops.push(setting!.enable_nestloop);
    };
    await session.transaction(async () => {
      const progress = (fraction: number) => {
        told.push(fraction);
        return note();
      };
      await mergeStagedEvents(session, 'web', progress, 3);
      await note();
    });
    const [counts] = await session.query<{ created: number }>(
      'select count(*) filter (where created)::integer as created from changed_event',
    );
    await session.query('discard temporary');
    return counts!.created;
  });
  // The third to the sixth have one instant, and the fourth begins a part.
  expect(told).toEqual([1 / 3, 2 / 3, 1]);
  // By which each event would be compared with all others, where statistics are missing.
  expect(nestedLoops).toEqual(['off', 'off', 'off', 'on']);
  expect(merged).toBe(8);
  expect(await dataSource.query(`select count(*)::integer as events from behavior_event where source = 'web'`)).toEqual(
    [{ events: 8 }],
  );
});
