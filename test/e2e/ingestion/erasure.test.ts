import { beforeAll, describe, expect, it } from 'vitest';
import type { ExplanationContent } from '../../../src/ml/explain/explanation.js';
import { saveExplanations } from '../../../src/services/explanations/explanation-store.js';
import { upsertCustomers } from '../../../src/services/ingestion/live/upserts.js';
import { savePredictions } from '../../../src/services/predictions/prediction-store.js';
import type { ServedClv } from '../../../src/services/predictions/predictions.service.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { scoredAsOf, scoredHorizonDays } from '../../support/scored-shop.js';
import { useScoredServer } from '../support/test-server.js';

interface Person {
  readonly id: string;
  readonly externalId: string;
  readonly email: string;
}

describe('customers who are erased', () => {
  const server = useScoredServer();
  let people: Person[];
  beforeAll(async () => {
    people = await query<Person>(
      `select c.id, external_id as "externalId", email from customer c
       join customer_personal_data p on p.customer_id = c.id
       join customer_summary s on s.customer_id = c.id
       where exists (select from behavior_event e where e.customer_id = c.id)
         and exists (select from snapshot_row r where r.customer_id = c.id)
       order by s.orders desc, c.id limit 3`,
    );
  });

  const query = <Row>(sql: string, parameters?: unknown[]) => server.database.dataSource.query<Row[]>(sql, parameters);
  const erase = (externalIds: readonly string[], source = 'demo', as?: 'MARKETER') =>
    server.ask<{ eraseCustomers: { erased: number; unknown: string[] } }>(
      `mutation($ids: [String!]!, $source: String!) { eraseCustomers(externalIds: $ids, source: $source) { erased unknown } }`,
      { variables: { ids: externalIds, source }, ...(as ? { as } : {}) },
    );
  const lookAt = (externalId: string) =>
    server.ask<{ customer: { clv: { explanation: { summary: string } } } | null }>(
      `{ customer(externalId: "${externalId}", source: "demo") { clv { predicted explanation { summary } } } }`,
    );

  /** Tables of which a row names this person, by id, external id or e-mail address. */
  async function mentions({ id, externalId, email }: Person): Promise<string[]> {
    const tables = await query<{ table: string; byId: boolean }>(
      `select c.oid::regclass::text as table, exists (
         select from pg_attribute a where a.attrelid = c.oid and a.attname = 'customer_id') as "byId"
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'r' and n.nspname !~ '^pg_|^information_schema$'`,
    );
    const found: string[] = [];
    for (const { table, byId } of tables) {
      const named = byId ? 't.customer_id = $1' : '$1::bigint = 0';
      const rows = await query(
        `select from ${table} t where ${named} or t::text ~ $2 or position($3 in t::text) > 0 limit 1`,
        [id, `\\m${externalId}\\M`, email],
      );
      if (rows.length > 0) found.push(table.replace(/_\d{4}_\d\d$/, ''));
    }
    return [...new Set(found)].sort();
  }

  it('are in no table any more, and nobody else is touched', async () => {
    const [first, second] = people as [Person, Person, Person];
    expect((await lookAt(first.externalId)).data.customer?.clv.explanation.summary).toContain('Expected to spend');
    expect(await mentions(first)).toEqual([
      'behavior_event',
      'clv_change',
      'customer',
      'customer_order',
      'customer_personal_data',
      'customer_summary',
      'explanation',
      'prediction',
      'purchase_day',
      'snapshot_row',
    ]);
    const others = await mentions(second);
    const lines = `select count(*)::integer as n from order_line l where not exists (
      select from customer_order o where o.id = l.order_id and o.customer_id = $1)`;
    const [before] = await query(lines, [first.id]);

    expect((await erase([first.externalId, 'nobody', first.externalId, 'nobody'])).data.eraseCustomers).toEqual({
      erased: 1,
      unknown: ['nobody'],
    });
    expect(await mentions(first)).toEqual([]);
    expect(await query(lines, [first.id])).toEqual([before]);
    expect(await mentions(second)).toEqual(others);
    expect((await lookAt(first.externalId)).data.customer).toBeNull();
    expect((await lookAt(second.externalId)).data.customer?.clv.explanation.summary).toContain('Expected to spend');
  });

  it('leave a trace of how many were erased, not who', async () => {
    const [entry] = await query<{ details: object }>(
      `select details from audit_entry where action = 'eraseCustomers' order by id desc limit 1`,
    );
    expect(entry?.details).toEqual({
      arguments: { externalIds: '4 items', source: 'demo' },
      outcome: 'DONE',
      counts: { erased: 1 },
    });
  });

  it('are those of the named source, not their namesakes of another', async () => {
    const { dataSource } = server.database;
    const personalData = { name: 'Ada' };
    for (const source of ['one', 'two'])
      await upsertCustomers(dataSource, [{ externalId: '17', personalData }], source);
    expect((await erase(['17'], 'one')).data.eraseCustomers).toEqual({ erased: 1, unknown: [] });
    const left = await query(
      `select source, name from customer c join customer_personal_data p on p.customer_id = c.id where external_id = '17'`,
    );
    expect(left).toEqual([{ source: 'two', name: 'Ada' }]);
  });

  it('are left out of what a scoring or an explanation had begun before', async () => {
    const { dataSource } = server.database;
    const [first, second] = people as [Person, Person, Person];
    const [model] = await query<{ id: string }>(`select id from model_version where state = 'ACTIVE'`);
    const period = { modelId: model!.id, horizonDays: 11, asOf: scoredAsOf };
    const scored = [first, second].map(({ id }) => ({
      customerId: id,
      basis: 'MODEL' as const,
      basisReason: null,
      expectedValue: 1,
      expectedOrders: 1,
      expectedNextOrderDate: scoredAsOf,
      logit: 0,
      mu: 0,
      sigma: 1,
      featureHash: 'hash',
    }));
    await savePredictions(dataSource, period, scored, new Map(scored.map(({ customerId }) => [customerId, 'now'])));
    const [facts] = await query<{ factsVersion: string }>(
      'select facts_changed_at::text as "factsVersion" from customer where id = $1',
      [second.id],
    );
    const served = scored.map(({ customerId }) => ({
      ...facts,
      customerId,
      period,
      prediction: { featureHash: 'hash' },
    }));
    const contents = served.map(() => ({ completenessError: 0 }) as ExplanationContent);
    await saveExplanations(dataSource, period, served as ServedClv[], contents);
    for (const table of ['prediction', 'explanation']) {
      const rows = await query(`select customer_id as id from ${table} where horizon_days = 11`);
      expect([table, rows]).toEqual([table, [{ id: second.id }]]);
    }
  });

  it('are not in a snapshot that was being made', async () => {
    const third = people[2]!;
    // What a run leaves that was killed after it had made its rows.
    await query(
      `insert into snapshot_row select altered.* from (select * from snapshot_row limit 1) r,
         jsonb_populate_record(r::snapshot_row, '{"customer_id": 999999999}') altered`,
    );
    let erased = false;
    const { snapshotId } = await runPreprocessing(
      server.database.dataSource,
      { asOf: scoredAsOf, horizonDays: scoredHorizonDays },
      {
        progress: {
          report: async (phase) => {
            if (erased || phase === 'cleaning' || phase === 'counting') return;
            erased = true;
            expect((await erase([third.externalId])).data.eraseCustomers.erased).toBe(1);
          },
        },
      },
    );
    expect(erased).toBe(true);
    const rows = 'select count(*)::integer as n from snapshot_row where snapshot_id = $1';
    expect((await query<{ n: number }>(rows, [snapshotId]))[0]!.n).toBeGreaterThan(100);
    expect(await query(`${rows} and customer_id = $2`, [snapshotId, third.id])).toEqual([{ n: 0 }]);
    const orphans = 'select from snapshot_row r where not exists (select from customer c where c.id = r.customer_id)';
    expect(await query(orphans)).toEqual([]);
  });

  it('are named in a way that can be, by an administrator, or nothing is erased', async () => {
    const everybody = 'select count(*)::integer as n from customer';
    const before = await query(everybody);
    const codeOf = async (...given: Parameters<typeof erase>) => {
      const [error] = (await erase(...given)).errors ?? [];
      return error && [error.extensions.code, error.message];
    };
    const { externalId } = people[1]!;
    expect(await codeOf([externalId, ''])).toEqual(['BAD_USER_INPUT', 'externalIds.1: is empty. Nothing was erased.']);
    expect(await codeOf([externalId, 'a\0'])).toEqual(['BAD_USER_INPUT', expect.stringContaining('externalIds.1')]);
    expect(await codeOf([externalId], ' ')).toEqual(['BAD_USER_INPUT', expect.stringContaining('source')]);
    const many = Array.from({ length: 1_001 }, (_, i) => `c${i}`);
    expect(await codeOf([externalId, ...many])).toEqual([
      'BAD_USER_INPUT',
      expect.stringContaining('more than 1000 ids'),
    ]);
    expect(await codeOf([externalId], 'demo', 'MARKETER')).toEqual(['FORBIDDEN', expect.any(String)]);
    expect(await query(everybody)).toEqual(before);
  });
});
