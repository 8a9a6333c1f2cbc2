import { beforeAll, describe, expect, it } from 'vitest';
import { planShards } from '../../../src/services/scoring/customer-shards.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { finishScoring, scoreShard } from '../../../src/services/scoring/scoring.service.js';
import { testConfig } from '../../support/config.js';
import { scoredAsOf, scoredHorizonDays } from '../../support/scored-shop.js';
import { recordStatements, type StatementRecorder } from '../../support/statements.js';
import { useScoredServer } from '../support/test-server.js';

interface Value {
  externalId: string;
  clv: { predicted: number; percentile: number | null; tier: string | null; basis: string };
}

interface CustomerPage {
  totalCount: number;
  edges: { node: { externalId: string } }[];
  pageInfo: { endCursor: string | null; hasNextPage: boolean };
}

describe('a list whose predictions are in memory', () => {
  const server = useScoredServer();
  let recorder: StatementRecorder;
  beforeAll(async () => {
    recorder = recordStatements(server.database.dataSource);
  });

  async function list(orderBy = ''): Promise<Value[]> {
    const { data, errors } = await server.ask<{ customers: { edges: { node: Value }[] } }>(
      `{ customers(first: 200 ${orderBy}) { edges { node { externalId clv { predicted percentile tier basis } } } } }`,
    );
    expect(errors).toBeUndefined();
    return data.customers.edges.map(({ node }) => node);
  }
  const readsPredictions = () => recorder.take().some((sql) => sql.includes('left join prediction'));

  it('answers the same without reading them again, in whatever order and for those without a purchase, too', async () => {
    const first = await list();
    const all = [...first, ...(await list('orderBy: { field: CREATED, direction: DESC }'))];
    expect(all.some(({ clv }) => clv.basis === 'NONE')).toBe(true);
    expect(readsPredictions()).toBe(true);
    expect(await list()).toEqual(first);
    expect(await list('orderBy: { field: ORDERS, direction: DESC }')).toHaveLength(200);
    expect(readsPredictions()).toBe(false);
  });

  it('has those of a horizon that nobody has scored in memory only', async () => {
    const valuesOver = async (days: number) => {
      const { data, errors } = await server.ask<{ customers: { edges: { node: { clv: object } }[] } }>(
        `query($days: Int!) { customers(first: 9, orderBy: { field: ORDERS, direction: DESC }) { edges { node {
           clv(horizonDays: $days) { predicted percentile computedAt explanation { baseline } } } } } }`,
        { variables: { days } },
      );
      expect(errors).toBeUndefined();
      return data.customers.edges.map(({ node }) => node.clv);
    };
    const first = await valuesOver(77);
    expect(first).toHaveLength(9);
    expect(await valuesOver(77)).toEqual(first);
    await valuesOver(scoredHorizonDays);
    for (const table of ['prediction', 'explanation']) {
      const horizons = `select horizon_days as days from ${table} group by horizon_days`;
      expect([table, await server.database.dataSource.query(horizons)]).toEqual([table, [{ days: scoredHorizonDays }]]);
    }
  });

  it('shows at once what an order changes, and each other value as it was', async () => {
    const before = await list();
    const { externalId } = before.find(({ clv }) => clv.basis === 'MODEL')!;
    const { errors } = await server.ask(`mutation {
      upsertOrders(source: "demo", orders: [{ externalId: "big", customerExternalId: "${externalId}",
        placedAt: "2025-06-30T12:00:00Z", total: "5000", itemCount: 3 }]) { items { status } } }`);
    expect(errors).toBeUndefined();
    const after = await list();
    const valueOf = (rows: Value[]) => rows.find((row) => row.externalId === externalId)!.clv.predicted;
    expect(valueOf(after)).not.toBe(valueOf(before));
    const others = (rows: Value[]) => rows.filter((row) => row.externalId !== externalId);
    expect(others(after)).toEqual(others(before));
  });

  it('leaves each customer at its place of the last scoring while their new values are read', async () => {
    const { dataSource } = server.database;
    const ranking = () =>
      dataSource.query<object[]>(
        `select customer_id, expected_value, percentile, computed_at from prediction
         where horizon_days = $1 order by customer_id`,
        [scoredHorizonDays],
      );
    const before = { ranking: await ranking(), values: await list() };
    const buyers = before.values.filter(({ clv }) => clv.basis === 'MODEL').slice(0, 80);
    const orders = buyers.map(
      ({ externalId }, i) => `{ externalId: "late-${i}", customerExternalId: "${externalId}",
        placedAt: "2025-06-30T12:00:00Z", total: "${i % 2 ? 900 : 1}", itemCount: 1 }`,
    );
    const { errors } = await server.ask(
      `mutation { upsertOrders(source: "demo", orders: [${orders.join(' ')}]) { items { status } } }`,
    );
    expect(errors).toBeUndefined();

    const seen: string[] = [];
    let total = 0;
    for (let after: string | null = null, more = true; more;) {
      const answer: { data: { customers: CustomerPage } } = await server.ask(
        `query ($after: String) { customers(first: 20, after: $after, orderBy: { field: CLV }) {
          totalCount edges { node { externalId clv { predicted } } } pageInfo { endCursor hasNextPage } } }`,
        { variables: { after } },
      );
      const { edges, pageInfo, totalCount } = answer.data.customers;
      seen.push(...edges.map(({ node }) => node.externalId));
      ({ endCursor: after, hasNextPage: more } = pageInfo);
      total = totalCount;
    }
    expect(seen).toHaveLength(total);
    expect(new Set(seen).size).toBe(total);

    recorder.take();
    const now = new Map((await list()).map((row) => [row.externalId, row.clv.predicted]));
    expect(recorder.take().some((sql) => sql.includes('insert into prediction'))).toBe(false);
    expect(buyers.filter(({ externalId, clv }) => now.get(externalId) !== clv.predicted).length).toBeGreaterThan(70);
    expect(await ranking()).toEqual(before.ranking);
  });

  it('shows the percentiles of a new ranking', async () => {
    const { dataSource } = server.database;
    const before = await list();
    // By somebody else: this process is told of nothing.
    const [{ id: modelId }] = await dataSource.query<[{ id: string }]>(
      `select id from model_version where state = 'ACTIVE'`,
    );
    const period = { modelId, horizonDays: scoredHorizonDays, asOf: scoredAsOf };
    const config = testConfig();
    const models = new ModelLoader(dataSource, config);
    // Of somebody who has bought nothing, left by a program that deletes orders.
    const [lead] = await dataSource.query<[{ id: string }]>(`select id from customer where external_id = 'lead'`);
    const ghosts = `select count(*)::integer as n from prediction where customer_id = ${lead.id}`;
    const copied =
      'model_id, horizon_days, as_of, basis, expected_value, purchase_probability, mu, sigma, expected_orders';
    await dataSource.query(
      `insert into prediction (customer_id, feature_hash, facts_changed_at, percentile, ${copied})
       select $1, '', now(), 50, ${copied} from prediction where horizon_days = $2 limit 1`,
      [lead.id, scoredHorizonDays],
    );
    expect(await dataSource.query(ghosts)).toEqual([{ n: 1 }]);
    for (const shard of await planShards(dataSource, 1_000)) {
      await scoreShard(dataSource, models, period, shard, new AbortController().signal);
    }
    // Until the base is ranked anew, the old ranks stand.
    const unranked = 'select count(*)::integer as n from prediction where horizon_days = $1 and percentile is null';
    expect(await dataSource.query(unranked, [scoredHorizonDays])).toEqual([{ n: 0 }]);
    await finishScoring(dataSource, period, period);
    await models.close();
    expect(await dataSource.query(ghosts)).toEqual([{ n: 0 }]);
    const stored = await dataSource.query<{ externalId: string; percentile: number }[]>(
      `select external_id as "externalId", percentile from prediction p join customer c on c.id = p.customer_id
       where horizon_days = $1`,
      [scoredHorizonDays],
    );
    const percentiles = new Map(stored.map((row) => [row.externalId, row.percentile]));
    const after = await list();
    expect(after).not.toEqual(before);
    const ranked = after.filter(({ clv }) => clv.basis !== 'NONE');
    expect(ranked.length).toBeGreaterThan(100);
    expect(ranked.map(({ clv }) => clv.percentile)).toEqual(
      ranked.map(({ externalId }) => percentiles.get(externalId)),
    );
  });

  it('takes nobody into the last scoring by reading who is new', async () => {
    const { dataSource } = server.database;
    const { errors } = await server.ask(`mutation {
      upsertOrders(source: "demo", orders: [{ externalId: "first", customerExternalId: "newcomer",
        placedAt: "2025-06-29T12:00:00Z", total: "90", itemCount: 1 }]) { items { status } } }`);
    expect(errors).toBeUndefined();
    const { data } = await server.ask<{ customer: Value }>(
      '{ customer(externalId: "newcomer", source: "demo") { externalId clv { predicted percentile tier basis } } }',
    );
    expect(data.customer.clv).toMatchObject({ basis: 'MODEL', predicted: expect.any(Number) });
    expect(data.customer.clv.percentile).toBeGreaterThan(0);
    const kept = await dataSource.query<object[]>(
      `select 1 from prediction p join customer c on c.id = p.customer_id where c.external_id = 'newcomer'`,
    );
    expect(kept).toEqual([]);
  });

  it('places a customer below all others at 0', async () => {
    const { dataSource } = server.database;
    await dataSource.query('update prediction set expected_value = expected_value + 1e6');
    const { externalId } = (await list()).find(({ clv }) => clv.basis === 'MODEL')!;
    await dataSource.query('update customer set facts_changed_at = clock_timestamp() where external_id = $1', [
      externalId,
    ]);
    const { clv } = (await list()).find((row) => row.externalId === externalId)!;
    expect(clv).toMatchObject({ percentile: 0, tier: 'BRONZE' });
  });
});
