import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { noteClvChanges } from '../../../src/services/scoring/note-clv-changes.js';
import { useTestDatabase } from '../../support/database.js';

const customers = 60_000;

/** Of each customer another value. */
const scored = `
  with model as (
    insert into model_version (base, strategy, objective, state, scored_as_of, scored_horizon_days)
    values ('built-in', 'FULL', 'ZILN', 'ACTIVE', '2026-01-01', 365) returning id
  )
  insert into prediction (model_id, horizon_days, as_of, customer_id, basis, expected_value, purchase_probability, mu,
    sigma, expected_orders, percentile, facts_changed_at, feature_hash)
  select model.id, 365, '2026-01-01', c.id, 'MODEL', c.external_id::integer, 0.5, 1, 1, 1, 50, c.facts_changed_at, ''
  from customer c, model`;

describe('changes of many values', () => {
  const database = useTestDatabase();
  beforeAll(async () => {
    await database.dataSource.query(
      'insert into customer (external_id) select n from generate_series(1, $1::integer) n',
      [customers],
    );
    await database.dataSource.query(scored);
  });
  beforeEach(async () => {
    await database.dataSource.query('truncate clv_change');
    // As autovacuum may find it at this moment: the planner then expects no changes.
    await database.dataSource.query('analyze clv_change');
  });

  const noted = () =>
    database.dataSource.query<{ n: number; again: number; times: number; total: number }[]>(
      `select count(*)::integer as n, count(previous_value)::integer as again, count(distinct changed_at)::integer as times, coalesce(sum(value), 0) as total
       from clv_change`,
    );

  it('are noted in parts, at one time, with progress', async () => {
    const reported: [string, number][] = [];
    const progress = { report: (phase: string, share: number) => void reported.push([phase, share]) };
    expect(await noteClvChanges(database.dataSource, { progress })).toEqual({ modelId: '1', changed: customers });
    expect(reported).toEqual([
      ['finding changes of values', 0],
      ['noting changes of values', 0],
      ['noting changes of values', 25 / 60],
      ['noting changes of values', 50 / 60],
    ]);
    expect(await noted()).toEqual([{ n: customers, again: 0, times: 1, total: (customers * (customers + 1)) / 2 }]);
  });

  it('are all noted or none: what was aborted in between is noted by the next call', async () => {
    const aborting = new AbortController();
    const progress = { report: (_: string, share: number) => void (share > 0 && aborting.abort(new Error('stop'))) };
    const aborted = noteClvChanges(database.dataSource, { progress, signal: aborting.signal });
    await expect(aborted).rejects.toThrow('stop');
    expect(await noted()).toEqual([{ n: 0, again: 0, times: 0, total: 0 }]);
    expect(await noteClvChanges(database.dataSource)).toMatchObject({ changed: customers });
    expect(await noteClvChanges(database.dataSource)).toMatchObject({ changed: 0 });
  });
});
