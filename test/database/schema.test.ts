import { describe, expect, it } from 'vitest';
import { ModelOperations1764028800003 } from '../../migrations/1764028800003-model-operations.js';
import { UnusedColumns1764028800009 } from '../../migrations/1764028800009-unused-columns.js';
import { LargeBases1764028800014 } from '../../migrations/1764028800014-large-bases.js';
import { TidiedRecords1764028800015 } from '../../migrations/1764028800015-tidied-records.js';
import { ShorterWaits1764028800017 } from '../../migrations/1764028800017-shorter-waits.js';
import { ApiKeyUse1764028800018 } from '../../migrations/1764028800018-api-key-use.js';
import { ExpectedNextOrders1764028800019 } from '../../migrations/1764028800019-expected-next-orders.js';
import { NamesWithoutAccents1764028800020 } from '../../migrations/1764028800020-names-without-accents.js';
import { useTestDatabase } from '../support/database.js';

describe('the migrated schema', () => {
  const database = useTestDatabase();

  it('is what the entities say: nothing is left to migrate', async () => {
    const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('can lose the tables and the run kind of model operations again, and regain them', async () => {
    const { dataSource } = database;
    const schema = () =>
      dataSource.query(`select table_name, column_name, udt_name from information_schema.columns
        where table_schema = 'public' order by table_name, column_name`);
    const before: unknown[] = await schema();
    await dataSource.query(`insert into run (kind) values ('COMPARE'), ('NOTE_CHANGES'), ('SCORE')`);
    const runner = dataSource.createQueryRunner();
    await new LargeBases1764028800014().down(runner);
    expect(await runner.query('select kind from run order by kind')).toEqual([{ kind: 'SCORE' }, { kind: 'COMPARE' }]);
    await new ModelOperations1764028800003().down(runner);
    expect(await runner.query('select kind from run')).toEqual([{ kind: 'SCORE' }]);
    await new ModelOperations1764028800003().up(runner);
    await new LargeBases1764028800014().up(runner);
    await runner.release();
    expect(await schema()).toEqual(before);
  });

  it('loses what nothing reads of an older database, and regains it from what is kept', async () => {
    const { dataSource } = database;
    const runner = dataSource.createQueryRunner();
    await new UnusedColumns1764028800009().down(runner);
    const [{ id }] = await runner.query(
      `insert into model_version (base, strategy, objective) values ('built-in', 'FULL', 'ZILN') returning id`,
    );
    await runner.query(`insert into model_artifact (model_id, kind, sha256, content) values ($1, 'MODEL', '', '')`, [
      id,
    ]);
    await runner.query(
      `insert into explanation (model_id, horizon_days, as_of, customer_id, feature_hash, content, completeness_error)
       values ($1, 365, now(), 1, '', '{"completenessError": 0.25}', 0.25)`,
      [id],
    );
    await new UnusedColumns1764028800009().up(runner);
    expect(await runner.query('select kind from model_artifact')).toEqual([{ kind: 'MODEL' }]);
    await new UnusedColumns1764028800009().down(runner);
    expect(await runner.query('select completeness_error from explanation')).toEqual([{ completeness_error: 0.25 }]);
    await new UnusedColumns1764028800009().up(runner);
    await new TidiedRecords1764028800015().down(runner);
    await new TidiedRecords1764028800015().up(runner);
    await new ShorterWaits1764028800017().down(runner);
    await new ShorterWaits1764028800017().up(runner);
    await new ApiKeyUse1764028800018().down(runner);
    await new ApiKeyUse1764028800018().up(runner);
    await new ExpectedNextOrders1764028800019().down(runner);
    await new ExpectedNextOrders1764028800019().up(runner);
    await new NamesWithoutAccents1764028800020().down(runner);
    await new NamesWithoutAccents1764028800020().up(runner);
    await runner.release();
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries).toEqual([]);
  });

  it('puts each event into the partition of its month', async () => {
    await database.dataSource.query(`insert into customer (external_id) values ('c1')`);
    await database.dataSource.query(
      `select ensure_behavior_event_partitions('2024-01-31T23:00Z', '2024-02-01T00:00Z')`,
    );
    await database.dataSource.query(
      `insert into behavior_event (occurred_at, external_id, customer_id, type)
       select t::timestamptz, t, 1, 'BROWSE' from unnest(array['2024-01-31T23:59Z', '2024-02-01T00:00Z']) t`,
    );
    const rows = await database.dataSource.query(
      `select tableoid::regclass::text as partition from behavior_event order by occurred_at`,
    );
    expect(rows).toEqual([{ partition: 'behavior_event_2024_01' }, { partition: 'behavior_event_2024_02' }]);
  });

  it('has the sources of an older database without the spaces around them, each still by itself', async () => {
    const { dataSource } = database;
    const at = '2024-01-31T00:00Z';
    await dataSource.query('select ensure_behavior_event_partitions($1, $1)', [at]);
    for (const source of ['shop', ' shop', 'crm\u00a0']) {
      const [{ id }] = await dataSource.query(
        `insert into customer (source, external_id) values ($1, 'c') returning id`,
        [source],
      );
      await dataSource.query(`insert into product (source, external_id) values ($1, 'p')`, [source]);
      await dataSource.query(
        `insert into customer_order (source, external_id, placed_at, currency, total, item_count) values ($1, 'o', $2, 'EUR', 1, 1)`,
        [source, at],
      );
      await dataSource.query(
        `insert into behavior_event (source, occurred_at, external_id, customer_id, type) values ($1, $2, 'e', $3, 'BROWSE')`,
        [source, at, id],
      );
    }
    const runner = dataSource.createQueryRunner();
    await new TidiedRecords1764028800015().down(runner);
    await new TidiedRecords1764028800015().up(runner);
    await runner.release();
    for (const table of ['customer', 'product', 'customer_order', 'behavior_event']) {
      const rows = await dataSource.query(`select source from ${table} where source <> 'default' order by source`);
      expect([table, rows]).toEqual([table, [{ source: 'crm' }, { source: 'shop' }, { source: 'shop (2)' }]]);
    }
  });
});
