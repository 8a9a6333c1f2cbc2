import { beforeAll, describe, expect, it } from 'vitest';
import { promotionLock } from '../../../src/database/advisory-locks.js';
import { globalId } from '../../../src/schema/global-id.js';
import { crossedByErasure } from '../../support/crossing.js';
import { untilLocked } from '../../support/waiting.js';
import { useScoredServer } from '../support/test-server.js';

interface Outcome {
  __typename: string;
  id?: string;
  message?: string;
}

describe('models and snapshots that are no longer wanted', () => {
  const server = useScoredServer();
  let active: { id: string; snapshotId: string };
  let old: { id: string; snapshotId: string };
  beforeAll(async () => {
    [active] = (await query(`select id, snapshot_id as "snapshotId" from model_version where state = 'ACTIVE'`)) as [
      typeof active,
    ];
    // The model before it, as a retrain would have left it.
    const copyOf = (table: string, column: string, from: string, to: string) =>
      query(
        `insert into ${table} select altered.* from ${table} t,
           jsonb_populate_record(t, jsonb_build_object('${column}', $2::bigint)) altered where t.${column} = $1`,
        [from, to],
      );
    const [snapshot] = (await query(
      `insert into snapshot (as_of, horizon_days, completed_at) values ('2025-01-01', 365, now()) returning id`,
    )) as [{ id: string }];
    const [model] = (await query(
      `insert into model_version (base, strategy, objective, state, snapshot_id, promoted_at, retired_at)
       values ('built-in', 'FULL', 'ZILN', 'RETIRED', $1, now(), now()) returning id`,
      [snapshot.id],
    )) as [{ id: string }];
    old = { id: model.id, snapshotId: snapshot.id };
    await copyOf('snapshot_row', 'snapshot_id', active.snapshotId, old.snapshotId);
    await copyOf('prediction', 'model_id', active.id, old.id);
    await query(
      `insert into explanation (model_id, horizon_days, as_of, customer_id, feature_hash, content)
       select model_id, horizon_days, as_of, customer_id, feature_hash, '{}' from prediction where model_id = $1`,
      [old.id],
    );
  });

  const query = <Row>(sql: string, parameters?: unknown[]) => server.database.dataSource.query<Row[]>(sql, parameters);
  async function remove(what: 'Model' | 'Snapshot', id: string): Promise<Outcome> {
    const type = what === 'Model' ? 'ModelVersion' : 'Snapshot';
    const { data, errors } = await server.ask<{ outcome: Outcome }>(
      `mutation($id: ID!) { outcome: delete${what}(id: $id) {
         __typename ... on ${type} { id ${what === 'Snapshot' ? 'sample { label }' : ''} } ... on ErrorResult { message } } }`,
      { variables: { id: globalId(type, id) } },
    );
    expect(errors).toBeUndefined();
    return data.outcome;
  }
  const rowsOf = async ({ id, snapshotId }: typeof old) =>
    (
      await query<Record<string, number>>(
        `select (select count(*)::integer from model_version where id = $1) as model,
           (select count(*)::integer from prediction where model_id = $1) as predictions,
           (select count(*)::integer from explanation where model_id = $1) as explanations,
           (select count(*)::integer from snapshot_row where snapshot_id = $2) as rows`,
        [id, snapshotId],
      )
    )[0]!;

  it('stay where they serve', async () => {
    const before = await rowsOf(active);
    expect(await remove('Model', active.id)).toEqual({
      __typename: 'ConflictError',
      message: `Model ${active.id} serves. Promote another one first, or roll back.`,
    });
    expect(await remove('Snapshot', active.snapshotId)).toEqual({
      __typename: 'ConflictError',
      message: expect.stringContaining(`active model ${active.id}`),
    });
    expect(await rowsOf(active)).toEqual(before);
  });

  it.each(['PENDING', 'RUNNING'])('stay while a run is to work on them or does: %s', async (state) => {
    for (const [what, id, input] of [
      ['Model', old.id, { modelId: active.id, againstId: old.id }],
      ['Model', old.id, { modelId: old.id }],
      ['Snapshot', old.snapshotId, { snapshotId: old.snapshotId }],
    ] as const) {
      const [run] = await query<{ id: string }>(
        `insert into run (kind, state, input) values ('EVALUATE', $1, $2) returning id`,
        [state, input],
      );
      expect(await remove(what, id)).toEqual({
        __typename: 'ConflictError',
        message: `${what} ${id} is in use by the EVALUATE run ${globalId('Run', run!.id)}. Wait until that has ended, or cancel it.`,
      });
      await query(`update run set state = 'CANCELLED' where id = $1`, [run!.id]);
    }
  });

  it('stay while the run that makes them goes on', async () => {
    const [run] = await query<{ id: string }>(
      `insert into run (kind, state) values ('RETRAIN', 'RUNNING') returning id`,
    );
    await query('update model_version set run_id = $1 where id = $2', [run!.id, old.id]);
    await query('update snapshot set run_id = $1 where id = $2', [run!.id, old.snapshotId]);
    for (const [what, id] of [
      ['Model', old.id],
      ['Snapshot', old.snapshotId],
    ] as const) {
      expect((await remove(what, id)).message).toContain(`in use by the RETRAIN run ${globalId('Run', run!.id)}`);
    }
    await query(`update run set state = 'COMPLETED' where id = $1`, [run!.id]);
  });

  it.each([
    ['RETIRED', `now() - interval '1 minute'`],
    ['CANDIDATE', 'null'],
  ])('stay while a retrain goes on that has begun while they served: %s', async (state, retiredAt) => {
    const [run] = await query<{ id: string }>(
      `insert into run (kind, state, started_at) values ('RETRAIN', 'RUNNING', now() - interval '1 hour') returning id`,
    );
    await query(`update model_version set state = $2, retired_at = ${retiredAt} where id = $1`, [old.id, state]);
    expect((await remove('Model', old.id)).message).toContain(
      `in use by the RETRAIN run ${globalId('Run', run!.id)}. Wait until that has ended, or cancel it.`,
    );
    await query(`update run set state = 'COMPLETED' where id = $1`, [run!.id]);
  });

  it('go where a retrain has begun after they served, or has yet to begin', async () => {
    await query(`insert into run (kind, state, started_at) values ('RETRAIN', 'RUNNING', now()), ('RETRAIN', 'PENDING', null)`);
    const [model] = await query<{ id: string }>(
      `insert into model_version (base, strategy, objective, state, promoted_at, retired_at)
       values ('built-in', 'FULL', 'ZILN', 'RETIRED', now() - interval '2 days', now() - interval '1 day'),
         ('built-in', 'FULL', 'ZILN', 'CANDIDATE', null, null) returning id`,
    );
    expect(await remove('Model', model!.id)).toMatchObject({ __typename: 'ModelVersion' });
    await query(`update run set state = 'COMPLETED' where kind = 'RETRAIN'`);
  });

  const newSnapshot = async (): Promise<string> => {
    const [snapshot] = await query<{ id: string }>(
      `insert into snapshot (as_of, horizon_days, completed_at) values ('2025-01-01', 365, now()) returning id`,
    );
    return snapshot!.id;
  };

  const newCandidate = async (): Promise<string> => {
    const [model] = await query<{ id: string }>(
      `insert into model_version (base, strategy, objective, state)
       values ('built-in', 'FULL', 'ZILN', 'CANDIDATE') returning id`,
    );
    return model!.id;
  };

  it('are removed once where they are removed several times at once', async () => {
    const snapshotId = await newSnapshot();
    const [model] = await query<{ id: string }>(
      `insert into model_version (base, strategy, objective, state) values ('built-in', 'FULL', 'ZILN', 'FAILED') returning id`,
    );
    for (const [what, id] of [
      ['Snapshot', snapshotId],
      ['Model', model!.id],
    ] as const) {
      const outcomes = await Promise.all([1, 2, 3].map(() => remove(what, id)));
      const refused = outcomes.filter(({ __typename }) => __typename === 'NotFoundError');
      expect(refused).toHaveLength(2);
    }
  });

  it('stay where they begin to serve meanwhile', async () => {
    const snapshotId = await newSnapshot();
    const { dataSource } = server.database;
    const promotion = dataSource.createQueryRunner();
    await promotion.startTransaction();
    await promotion.query(`select pg_advisory_xact_lock(${promotionLock})`);
    await promotion.query('update model_version set snapshot_id = $1 where id = $2', [snapshotId, active.id]);
    const removed = remove('Snapshot', snapshotId);
    await untilLocked(dataSource);
    await promotion.commitTransaction();
    await promotion.release();
    expect(await removed).toMatchObject({ __typename: 'ConflictError' });
    await query('update model_version set snapshot_id = $1 where id = $2', [active.snapshotId, active.id]);
  });

  it.each([
    ['Model', 'prediction', 'model_id'],
    ['Snapshot', 'snapshot_row', 'snapshot_id'],
  ] as const)('go although an erasure and the removal wait for each other: %s', async (what, table, column) => {
    const id = await (what === 'Snapshot' ? newSnapshot() : newCandidate());
    await query(
      `insert into ${table} select altered.*
       from (select distinct on (customer_id) * from ${table} order by customer_id limit 3) t,
         jsonb_populate_record(null::${table}, to_jsonb(t) || jsonb_build_object('${column}', $1::bigint, 'window', 0)) altered
       order by altered.customer_id`,
      [id],
    );
    const condition = `${column} = ${id}`;
    const removed = await crossedByErasure(server.database.dataSource, table, condition, () => remove(what, id));
    expect(removed).toMatchObject({ __typename: what === 'Model' ? 'ModelVersion' : 'Snapshot' });
    expect(await query(`select from ${table} where ${condition}`)).toEqual([]);
  });

  it('are gone with all that is theirs, and nothing of others', async () => {
    const others = await rowsOf(active);
    expect(await rowsOf(old)).toEqual({ ...others, model: 1, explanations: others['predictions'] });
    const { snapshotId } = old;
    expect(await remove('Snapshot', snapshotId)).toEqual({
      __typename: 'Snapshot',
      id: globalId('Snapshot', snapshotId),
      sample: [],
    });
    expect(await query('select snapshot_id from model_version where id = $1', [old.id])).toEqual([
      { snapshot_id: null },
    ]);
    expect(await remove('Model', old.id)).toEqual({ __typename: 'ModelVersion', id: globalId('ModelVersion', old.id) });
    expect(await rowsOf(old)).toEqual({ model: 0, predictions: 0, explanations: 0, rows: 0 });
    expect(await rowsOf(active)).toEqual(others);
    expect(await remove('Model', old.id)).toMatchObject({ __typename: 'NotFoundError' });
    expect(await remove('Snapshot', snapshotId)).toMatchObject({ __typename: 'NotFoundError' });
  });
});
