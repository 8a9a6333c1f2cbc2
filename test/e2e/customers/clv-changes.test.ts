import { beforeAll, describe, expect, it, vi } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { finishScoring } from '../../../src/services/scoring/scoring.service.js';
import { scoredAsOf, scoredHorizonDays } from '../../support/scored-shop.js';
import { useScoredServer } from '../support/test-server.js';

interface Change {
  readonly at: string;
  readonly predicted: number;
  readonly previous: number | null;
  readonly tier: string;
  readonly tierAt: string;
  readonly previousTier: string | null;
}

interface Node {
  readonly externalId: string;
  readonly clvChange: Change | null;
}

interface Page {
  readonly customers: {
    readonly edges: readonly { readonly node: Node }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

/** As in docs/syncing.md. */
const sync = `query($since: DateTime, $after: String, $first: Int = 200) {
  customers(first: $first, after: $after, filter: { changedSince: $since }, orderBy: { field: CHANGED, direction: ASC }) {
    edges { node { externalId clvChange { at predicted previous tier tierAt previousTier } } }
    pageInfo { hasNextPage endCursor }
  }
}`;

describe('what changed since the last sync', () => {
  const server = useScoredServer();
  let modelId: string;
  let day = 0;
  beforeAll(async () => {
    [{ id: modelId }] = await query<{ id: string }>(`select id from model_version where state = 'ACTIVE'`);
  });

  const query = <Row>(sql: string, parameters?: unknown[]) =>
    server.database.dataSource.query<[Row, ...Row[]]>(sql, parameters);
  const page = async (variables: object): Promise<Page['customers']> => {
    const { data, errors } = await server.ask<Page>(sync, { variables: { ...variables }, as: 'VIEWER' });
    expect(errors).toBeUndefined();
    return data.customers;
  };
  const idsOf = (nodes: readonly Node[]) => nodes.map(({ externalId }) => externalId).toSorted();
  const idsFor = async (filter: object) => {
    const { data } = await server.ask<Page>(
      `query($filter: CustomerFilterInput) { customers(first: 200, filter: $filter) { edges { node { externalId } } } }`,
      { variables: { filter } },
    );
    return idsOf(data.customers.edges.map(({ node }) => node));
  };

  /** All pages of a sync, and the newest change that it read. */
  async function read(since: string | null, first = 200, between = async () => {}) {
    const nodes: Node[] = [];
    for (let after: string | null = null; ;) {
      const { edges, pageInfo } = await page({ since, after, first });
      nodes.push(...edges.map(({ node }) => node));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
      await between();
    }
    return { nodes, newest: nodes.findLast(({ clvChange }) => clvChange)?.clvChange?.at ?? since };
  }

  /** The next day's scoring: the same values, but for those of some customers, by external id. */
  async function score(factors: Record<string, number>): Promise<void> {
    await query(
      `insert into prediction select altered.* from prediction p join customer c on c.id = p.customer_id,
         jsonb_populate_record(p, jsonb_build_object('as_of', p.as_of + interval '1 day',
           'expected_value', p.expected_value * coalesce(($3::jsonb ->> c.external_id)::float8, 1))) altered
       where p.model_id = $1 and p.as_of = $2`,
      [modelId, new Date(scoredAsOf.getTime() + day * dayMs), factors],
    );
    day += 1;
    const period = {
      modelId,
      horizonDays: scoredHorizonDays,
      asOf: new Date(scoredAsOf.getTime() + day * dayMs),
    };
    await finishScoring(server.database.dataSource, period, period);
  }

  /** External ids from the best on. */
  const best = async (offset: number, n: number) =>
    (
      await query<{ id: string }>(
        `select external_id as id from prediction p join customer c on c.id = p.customer_id
         where as_of = (select scored_as_of from model_version where id = $1) order by expected_value desc
         offset $2 limit $3`,
        [modelId, offset, n],
      )
    ).map(({ id }) => id);

  it('is everybody at first, those without a prediction last', async () => {
    const { nodes } = await read(null, 50);
    const [{ customers, predictions }] = await query<object & { customers: number; predictions: number }>(
      `select (select count(*)::integer from customer) as customers, (select count(*)::integer from prediction) as predictions`,
    );
    expect(new Set(idsOf(nodes)).size).toBe(customers);
    expect(nodes.slice(0, predictions).every(({ clvChange }) => clvChange?.previous === null)).toBe(true);
    expect(nodes.slice(predictions).every(({ clvChange }) => clvChange === null)).toBe(true);
    expect(nodes.slice(predictions).map(({ externalId }) => externalId)).toContain('lead');
    const { data } = await server.ask<Page>(
      sync.replace('$since: DateTime, ', '').replace('filter: { changedSince: $since }, ', ''),
    );
    expect(data.customers.edges.map(({ node }) => node)).toEqual(nodes.slice(0, 200));
  });

  it('is nothing of customers without a prediction, whom a list by changes that counts events has, too', async () => {
    const { data } = await server.ask<Page>(`{
      customers(first: 200, filter: { eventCounts: [{ type: EMAIL_OPEN, max: 0 }], orders: { max: 0 } }, orderBy: { field: CHANGED }) {
        edges { node { externalId clvChange { at } } }
      }
    }`);
    expect(data.customers.edges).toContainEqual({ node: { externalId: 'lead', clvChange: null } });
  });

  it('is those whose value or tier changed, and nobody where nothing has', async () => {
    const { newest } = await read(null);
    expect((await read(newest)).nodes).toEqual([]);
    await score({});
    expect((await read(newest)).nodes).toEqual([]);
    const [a, b] = await best(0, 2);
    await score({ [a!]: 1.1, [b!]: 1.04 });
    const { nodes, newest: next } = await read(newest);
    expect(idsOf(nodes)).toEqual([a]);
    expect(nodes[0]!.clvChange!.predicted / nodes[0]!.clvChange!.previous!).toBeCloseTo(1.1, 4);
    expect(nodes[0]!.clvChange).toMatchObject({ at: next, tier: 'PLATINUM', previousTier: null });
    expect((await read(next)).nodes).toEqual([]);
  });

  it('misses nobody whom a scoring changes between two pages, before the cursor or after', async () => {
    const { newest } = await read(null);
    const changed = await best(0, 12);
    await score(Object.fromEntries(changed.map((id) => [id, 0.9])));
    const { nodes: all } = await read(newest);
    const again = [all[0]!, all[9]!, all.at(-1)!].map(({ externalId }) => externalId);
    let times = 0;
    const paged = await read(newest, 4, async () => {
      if (times++ === 0) await score(Object.fromEntries(again.map((id) => [id, 1.2])));
    });
    const latest = new Map(paged.nodes.map(({ externalId, clvChange }) => [externalId, clvChange!]));
    expect(changed.filter((id) => !latest.has(id))).toEqual([]);
    const { nodes: now } = await read(newest);
    expect(new Map(now.map(({ externalId, clvChange }) => [externalId, clvChange!]))).toEqual(latest);
    expect((await read(paged.newest)).nodes).toEqual([]);
  });

  it('misses nobody whom a scoring changes while the last page is answered', async () => {
    const { newest: since } = await read(null);
    const changed = await best(0, 12);
    const before = changed.slice(0, 4);
    await score(Object.fromEntries(before.map((id) => [id, 0.9])));
    const { customerLists } = server.services;
    const page = customerLists.page.bind(customerLists);
    vi.spyOn(customerLists, 'page').mockImplementationOnce(async (request) => {
      const found = await page(request);
      await score(Object.fromEntries(changed.map((id) => [id, 1.2])));
      return found;
    });
    const { nodes, newest } = await read(since);
    expect(idsOf(nodes)).toEqual(before.toSorted());
    expect(idsOf((await read(newest)).nodes)).toEqual(changed.toSorted());
  });

  it('is told of tiers: from which to which, since when', async () => {
    const { newest } = await read(null);
    const [platinum] = await best(12, 1);
    const [silver] = await best(100, 1);
    await score({ [platinum!]: 1e-3, [silver!]: 1e3 });
    const tiers = (tierChange: object) => idsFor({ tierChange: { since: newest, ...tierChange } });
    expect(await tiers({ from: ['PLATINUM'], to: ['SILVER', 'BRONZE'] })).toEqual([platinum]);
    expect(await tiers({ from: ['SILVER'], to: ['PLATINUM'] })).toEqual([silver]);
    expect(await tiers({ from: ['BRONZE'], to: ['PLATINUM'] })).toEqual([]);
    expect(await idsFor({ externalId: ['lead', platinum], tierChange: {} })).toEqual([platinum]);
    const moved = await tiers({});
    expect(moved).toEqual(expect.arrayContaining([platinum, silver]));
    expect(await idsFor({ tierChange: { lastDays: 1, from: ['PLATINUM', 'GOLD', 'SILVER', 'BRONZE'] } })).toEqual(
      expect.arrayContaining(moved),
    );
    await query(`update clv_change set tier_changed_at = tier_changed_at - interval '3 days'`);
    expect(await idsFor({ tierChange: { lastDays: 2 } })).toEqual([]);
    expect((await idsFor({ tierChange: { lastDays: 4 } })).length).toBeGreaterThan(100);
    expect(await idsFor({ changedSince: newest })).toEqual(expect.arrayContaining(moved));
  });

  it('serves segments, previews, memberships and campaigns as other filters do', async () => {
    const { newest } = await read(null);
    const [fallen] = await best(0, 1);
    await score({ [fallen!]: 0.5 });
    const filter = { changedSince: newest, clv: { min: 0.01 } };
    const ids = await idsFor(filter);
    expect(ids).toContain(fallen);
    const created = await server.ask<{ createSegment: { id: string } }>(
      `mutation($input: CreateSegmentInput!) { createSegment(input: $input) { ... on Segment { id } } }`,
      { variables: { input: { name: 'changed', filter } } },
    );
    interface Answer {
      segment: { count: number; members: Page['customers']; filter: object };
      previewSegment: { count: number };
      customer: { segments: { name: string }[] };
      other: { segments: { name: string }[] };
      campaignPlan: { expected: { contacted: number }; customers: Page['customers'] };
    }
    const { data, errors } = await server.ask<Answer>(
      `query($id: ID!, $filter: CustomerFilterInput!, $fallen: String!) {
        segment(id: $id) { count filter members(first: 200, orderBy: { field: CHANGED }) { edges { node { externalId } } } }
        previewSegment(filter: $filter) { count }
        customer(externalId: $fallen, source: "demo") { segments { name } }
        other: customer(externalId: "lead") { segments { name } }
        campaignPlan(filter: $filter, contactCost: 0.0001, margin: 1, uplift: 1) {
          expected { contacted } customers(first: 200) { edges { node { externalId } } }
        }
      }`,
      { variables: { id: created.data.createSegment.id, filter, fallen } },
    );
    expect(errors).toBeUndefined();
    expect(data.segment.count).toBe(ids.length);
    expect(data.segment.filter).toEqual(filter);
    expect(idsOf(data.segment.members.edges.map(({ node }) => node))).toEqual(ids);
    expect(data.previewSegment.count).toBe(ids.length);
    expect(data.customer.segments).toEqual([{ name: 'changed' }]);
    expect(data.other.segments).toEqual([]);
    expect(data.campaignPlan.expected.contacted).toBe(ids.length);
    expect(idsOf(data.campaignPlan.customers.edges.map(({ node }) => node))).toEqual(ids);
  });

  it.each([
    ['no tier before', { tierChange: { from: [] } }],
    ['no day', { tierChange: { lastDays: 0 } }],
  ])('refuses %s', async (_what, filter) => {
    const { errors } = await server.ask(
      `query($filter: CustomerFilterInput) { customers(filter: $filter) { totalCount } }`,
      { variables: { filter } },
    );
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  it.each(['0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'])('may be asked for since %s', async (since) => {
    expect((await idsFor({ changedSince: since })).length > 100).toBe(since.startsWith('0'));
  });
});
