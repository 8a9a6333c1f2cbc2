import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayOf } from '../../src/days.js';
import { Customer } from '../../src/entities/index.js';
import { cents } from '../../src/math.js';
import { globalId } from '../../src/schema/global-id.js';
import { campaignEffect, type GroupSpend } from '../../src/services/campaigns/campaign-effect.js';
import { lockMembers } from '../../src/services/campaigns/campaign-member-statements.js';
import { type Erasure, eraseCustomers } from '../../src/services/ingestion/erasure.js';
import { createScoredShop, scoredAsOf } from '../support/scored-shop.js';
import { startTestServer, type TestServer } from './support/test-server.js';

interface Estimate {
  value: number;
  lower: number;
  upper: number;
}

interface Effect {
  from: string;
  until: string;
  contacted: { customers: number; buyers: number; meanSpend: number; meanPredicted: number };
  control: { customers: number; buyers: number; meanSpend: number; meanPredicted: number };
  spendPerCustomer: Estimate;
  incrementalRevenue: Estimate;
  incrementalProfit: Estimate;
  returnOnInvestment: Estimate;
  uplift: Estimate | null;
}

interface Listed {
  totalCount: number;
  edges: { node: { id: string } }[];
}

const terms = { contactCost: 0.1, margin: 0.4, uplift: 0.1 };
const args = `contactCost: 0.1, margin: 0.4, uplift: 0.1`;
const listed = 'totalCount edges { node { id } }';
const estimate = '{ value lower upper }';
const group = '{ customers buyers meanSpend meanPredicted }';
const effectFields = `from until contacted ${group} control ${group} spendPerCustomer ${estimate}
  incrementalRevenue ${estimate} incrementalProfit ${estimate} returnOnInvestment ${estimate} uplift ${estimate}`;

const start = `mutation($control: ControlGroupInput!, $startsOn: Date, $budget: Float, $filter: CustomerFilterInput) {
  startCampaign(${args}, control: $control, startsOn: $startsOn, budget: $budget, filter: $filter) {
    __typename ... on Campaign { id name startsOn currency contactCost margin uplift controlShare contacts
      contacted(first: 200) { ${listed} } control(first: 200) { ${listed} } effect { ${effectFields} } }
    ... on ErrorResult { message }
  }
}`;

interface Started {
  __typename: string;
  message: string;
  id: string;
  name: string;
  startsOn: string;
  contacts: number;
  contacted: Listed;
  control: Listed;
  effect: Effect | null;
}

const ids = ({ edges }: Listed) => edges.map(({ node }) => node.id).sort();

describe('a campaign that was started', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ device: 'cpu', threads: 1 }, createScoredShop());
    // The shop's last purchase is the day before it was scored: then that date is the present.
    await buy(['lead'], dayOf(new Date(scoredAsOf.getTime() - 86_400_000)), 1);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const query = <Row>(sql: string, parameters?: unknown[]) => server.database.dataSource.query<Row[]>(sql, parameters);
  async function begin(variables: Record<string, unknown>): Promise<Started> {
    const { data, errors } = await server.ask<{ startCampaign: Started }>(start, { as: 'MARKETER', variables });
    expect(errors).toBeUndefined();
    return data.startCampaign;
  }
  async function effectOf(id: string, days: number | null = null): Promise<Effect | null> {
    const { data, errors } = await server.ask<{ campaign: { effect: Effect | null } }>(
      `query($id: ID!, $days: Int) { campaign(id: $id) { effect(days: $days) { ${effectFields} } } }`,
      { as: 'VIEWER', variables: { id, days } },
    );
    expect(errors).toBeUndefined();
    return data.campaign.effect;
  }
  const buy = (externalIds: readonly string[], day: string, net: number) =>
    query(
      `insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
       select id, $2::date, $3::numeric, greatest($3::numeric, 0), greatest(-$3::numeric, 0), 1, 1, 1 from customer where external_id = any($1)
       on conflict (customer_id, day) do update set net = excluded.net`,
      [externalIds, day, net],
    );

  it('keeps whom its plan contacts and holds out, whatever is scored later', async () => {
    const control = { campaign: 'Spring', share: 0.4 };
    const { data } = await server.ask<{ campaignPlan: { customers: Listed; control: Listed } }>(
      `query($control: ControlGroupInput!) { campaignPlan(${args}, budget: 5, control: $control) {
         customers(first: 200) { ${listed} } control(first: 200) { ${listed} } } }`,
      { variables: { control } },
    );
    const { id, ...started } = await begin({ control, budget: 5 });
    expect(started).toMatchObject({
      __typename: 'Campaign',
      name: 'Spring',
      startsOn: dayOf(scoredAsOf),
      currency: 'USD',
      ...terms,
      controlShare: 0.4,
      contacts: 50,
      effect: null,
    });
    expect(ids(started.contacted)).toEqual(ids(data.campaignPlan.customers));
    expect(ids(started.control)).toEqual(ids(data.campaignPlan.control));
    expect([started.contacted.totalCount, started.control.totalCount]).toEqual([50, ids(started.control).length]);
    expect(started.control.totalCount).toBeGreaterThan(15);
    await query('update prediction set expected_value = 100 - percentile');
    const later = await server.ask<{ node: Started; customers: Listed; others: Listed }>(
      `query($id: ID!) {
         node(id: $id) { ... on Campaign { contacted(first: 200) { ${listed} } } }
         customers(first: 200, filter: { campaign: { name: "Spring" } }) { ${listed} }
         others: customers(filter: { not: { campaign: { name: "Spring" } } }) { totalCount }
       }`,
      { variables: { id } },
    );
    expect(ids(later.data.node.contacted)).toEqual(ids(started.contacted));
    expect(ids(later.data.customers)).toEqual([...ids(started.contacted), ...ids(started.control)].sort());
    expect(later.data.others.totalCount).toBe(301 - later.data.customers.totalCount);
    const [audited] = await query<{ action: string; target: string }>(
      `select action, target from audit_entry where action = 'startCampaign' order by id desc limit 1`,
    );
    expect(audited).toEqual({ action: 'startCampaign', target: id });
  });

  it('is judged by what its customers spend on the days since', async () => {
    const { id, startsOn, contacts } = await begin({ control: { campaign: 'Judged', share: 0.5 } });
    const members = await query<{ name: string; contacted: boolean; predicted: number }>(
      `select c.external_id as name, m.member_group = 'CONTACTED' as contacted, m.predicted
       from campaign_member m join customer c on c.id = m.customer_id
       where m.campaign_id = (select id from campaign where name = 'Judged') order by c.id`,
    );
    const day = (after: number) => dayOf(new Date(new Date(startsOn).getTime() + after * 86_400_000));
    const spends = new Map(members.map(({ name }) => [name, 0]));
    const spend = async (after: number, of: (member: (typeof members)[number], i: number) => number) => {
      for (const [i, member] of members.entries()) {
        const net = of(member, i);
        if (net === 0) continue;
        await buy([member.name], day(after), net);
        if (after >= 0 && after < 5) spends.set(member.name, spends.get(member.name)! + net);
      }
    };
    await spend(-1, () => 1_000);
    await spend(0, (_member, i) => (i % 3 === 0 ? 10 + (i % 5) : 0));
    await spend(2, ({ contacted }, i) => (contacted && i % 2 === 0 ? 40 : 0));
    await spend(4, (_member, i) => (i % 7 === 0 ? -5 : 0));
    // The day after the last purchase is the present: a day that is not over does not count, nor does any after it.
    await buy(['lead'], day(4), 1);
    const effect = (await effectOf(id))!;
    expect([effect.from, effect.until]).toEqual([startsOn, day(4)]);
    const groupOf = (contacted: boolean): GroupSpend => {
      const some = members.filter((member) => member.contacted === contacted);
      const n = some.length;
      const [y, x] = [some.map(({ name }) => spends.get(name)!), some.map(({ predicted }) => predicted)];
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / n;
      const product = (a: number[], b: number[]) =>
        (mean(a.map((v, i) => (v - mean(a)) * (b[i]! - mean(b)))) * n) / (n - 1);
      return {
        customers: n,
        buyers: y.filter((value) => value > 0).length,
        meanSpend: mean(y),
        varianceSpend: product(y, y),
        meanPredicted: mean(x),
        variancePredicted: product(x, x),
        covariance: product(y, x),
      };
    };
    const [contacted, control] = [groupOf(true), groupOf(false)];
    expect(effect.contacted).toMatchObject({
      customers: contacted.customers,
      buyers: contacted.buyers,
      meanSpend: cents(contacted.meanSpend),
      meanPredicted: cents(contacted.meanPredicted),
    });
    const expected = campaignEffect({ contacted, control, contacts, ...terms });
    for (const name of [
      'spendPerCustomer',
      'incrementalRevenue',
      'incrementalProfit',
      'returnOnInvestment',
      'uplift',
    ] as const) {
      for (const part of ['value', 'lower', 'upper'] as const) {
        expect(effect[name]![part]).toBeCloseTo(expected[name]![part], 2);
      }
    }
    expect(effect.spendPerCustomer.lower).toBeGreaterThan(0);
    const first = (await effectOf(id, 2))!;
    expect([first.from, first.until]).toEqual([day(0), day(1)]);
    expect(first.spendPerCustomer.lower).toBeLessThan(0);
    const [{ n }] = (await query<{ n: number }>('select count(*)::integer as n from campaign')) as [{ n: number }];
    const all = await server.ask<{ campaigns: { edges: { node: { name: string } }[] } }>(
      '{ campaigns(first: 1) { edges { node { name } } pageInfo { hasNextPage } } }',
    );
    expect(all.data.campaigns).toMatchObject({
      edges: [{ node: { name: 'Judged' } }],
      pageInfo: { hasNextPage: n > 1 },
    });
  });

  it('is not judged by days whose orders have yet to be imported', async () => {
    const { id } = await begin({ control: { campaign: 'Monthly', share: 0.5 } });
    const day = (ago: number) => dayOf(new Date(Date.now() - ago * 86_400_000));
    await query('update campaign set starts_on = $1 where name = $2', [day(21), 'Monthly']);
    expect(await effectOf(id)).toBeNull();
    // The shop runs: today is the present.
    const names = (await query<{ name: string }>('select external_id as name from customer limit 3')).map(
      ({ name }) => name,
    );
    await buy(names, day(20), 1);
    expect(await effectOf(id)).toMatchObject({ from: day(21), until: day(20) });
    expect(await effectOf(id, 14)).toMatchObject({ until: day(20) });
    expect(await effectOf(id, 1)).toMatchObject({ until: day(21) });
    await query('delete from purchase_day where day = $1', [day(20)]);
  });

  it('is not judged in another currency than that of its costs', async () => {
    const { id } = await begin({ control: { campaign: 'Dollars', share: 0.5 } });
    await query(`update customer_order set currency = 'EUR'`);
    const { errors } = await server.ask('query($id: ID!) { campaign(id: $id) { effect { until } } }', {
      variables: { id },
    });
    expect(errors).toMatchObject([
      {
        message: expect.stringContaining(
          'The costs of campaign "Dollars" are in USD, but orders of customers are in EUR',
        ),
        extensions: { code: 'CONFLICT' },
      },
    ]);
    await query(`update customer_order set currency = 'USD'`);
    expect(await effectOf(id)).toBeNull();
  });

  it('loses members who are erased, and all of them when it is deleted', async () => {
    const { id, contacted } = await begin({ control: { campaign: 'Erased', share: 0.3 } });
    const [{ source, name }] = (await query(
      `select source, external_id as name from customer where id = (
         select max(customer_id) from campaign_member m join campaign c on c.id = m.campaign_id
         where c.name = 'Erased' and member_group = 'CONTACTED')`,
    )) as [{ source: string; name: string }];
    await server.ask(`mutation { eraseCustomers(externalIds: ["${name}"], source: "${source}") { erased } }`);
    const { data } = await server.ask<{ campaign: Started }>(
      `query($id: ID!) { campaign(id: $id) { contacts contacted { totalCount } } }`,
      { variables: { id } },
    );
    expect(data.campaign.contacts).toBe(contacted.totalCount);
    expect(data.campaign.contacted.totalCount).toBe(contacted.totalCount - 1);
    expect(await query('select from campaign_member where customer_id not in (select id from customer)')).toEqual([]);
    const remove = 'mutation($id: ID!) { deleteCampaign(id: $id) { __typename ... on Campaign { name } } }';
    const removed = await server.ask<{ deleteCampaign: unknown }>(remove, { as: 'MARKETER', variables: { id } });
    expect(removed.data.deleteCampaign).toEqual({ __typename: 'Campaign', name: 'Erased' });
    expect(
      await query(`select from campaign_member m where not exists (select from campaign where id = campaign_id)`),
    ).toEqual([]);
    const again = await server.ask<{ deleteCampaign: unknown }>(remove, { as: 'MARKETER', variables: { id } });
    expect(again.data.deleteCampaign).toEqual({ __typename: 'NotFoundError' });
  });

  it('is deleted once, whoever else does it at the same time', async () => {
    const { id } = await begin({ control: { campaign: 'Once', share: 0.3 } });
    const holder = server.database.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query(`select from campaign where name = 'Once' for update`);
    const remove = `mutation { deleteCampaign(id: "${id}") { type: __typename } }`;
    const ask = () => server.ask<{ deleteCampaign: { type: string } }>(remove);
    const removals = [ask(), ask()];
    const waiting = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    while ((await query(waiting)).length < 2) await sleep(20);
    await holder.commitTransaction();
    await holder.release();
    const types = (await Promise.all(removals)).map(({ data }) => data.deleteCampaign.type);
    expect(types.toSorted()).toEqual(['Campaign', 'NotFoundError']);
  });

  /** Until so many sessions wait for the members. */
  async function untilWaiting(sessions = 1): Promise<void> {
    const waiting = `select from pg_locks where not granted and relation = 'campaign_member'::regclass`;
    for (const until = Date.now() + 10_000; (await query(waiting)).length < sessions; await sleep(20)) {
      if (Date.now() > until) throw new Error('Nobody waits.');
    }
    await sleep(300);
    expect(await query(waiting)).toHaveLength(sessions);
  }

  it('has nobody who is erased while it starts', async () => {
    const { manager } = server.database.dataSource;
    const { id } = await manager.save(Customer, { source: 'other', externalId: 'erased' });
    await query(
      `insert into prediction select altered.* from prediction p,
         jsonb_populate_record(p, jsonb_build_object('customer_id', $1::bigint, 'expected_value', 1e6)) altered limit 1`,
      [id],
    );
    let starting: Promise<Started> | undefined;
    await manager.transaction(async (erasure) => {
      // As an erasure that has come to the members.
      await erasure.query('delete from customer where id = $1', [id]);
      await erasure.query('delete from campaign_member where customer_id = $1', [id]);
      starting = begin({ control: { campaign: 'Meanwhile', share: 0.3 } });
      await untilWaiting();
    });
    expect(await starting).toMatchObject({ __typename: 'Campaign' });
    expect(await query('select from campaign_member where customer_id = $1', [id])).toEqual([]);
  });

  it('loses who became a member of it while being erased', async () => {
    const { dataSource } = server.database;
    const { id } = await dataSource.manager.save(Customer, { source: 'other', externalId: 'late' });
    const { name } = await begin({ control: { campaign: 'Late', share: 0.3 } });
    let erasing: Promise<Erasure> | undefined;
    await dataSource.transaction(async (start) => {
      await start.query(lockMembers);
      await start.query(
        `insert into campaign_member (campaign_id, customer_id, member_group, predicted)
         select id, $2, 'CONTROL', 1 from campaign where name = $1`,
        [name, id],
      );
      erasing = eraseCustomers(dataSource, ['late'], 'other');
      await untilWaiting();
    });
    expect(await erasing).toMatchObject({ erased: 1 });
    expect(await query('select from campaign_member where customer_id = $1', [id])).toEqual([]);
  });

  /** As a scoring of another day that ends: it takes the predictions of the one before away. */
  async function scoreAnew(days: number, manager = server.database.dataSource.manager): Promise<void> {
    await manager.query('update prediction set as_of = as_of + make_interval(days => $1)', [days]);
    await manager.query('update model_version set scored_as_of = scored_as_of + make_interval(days => $1)', [days]);
  }

  it('is not planned by predictions that a scoring has taken away meanwhile', async () => {
    const { campaigns } = server.services;
    const plan = await campaigns.plan({ ...terms, budget: 5 });
    const parts = () => [
      campaigns.expected(plan),
      campaigns.uncertainty(plan),
      campaigns.customers(plan, 'CONTACTED', { first: 1 }),
    ];
    expect(await Promise.all(parts())).toMatchObject([{ contacted: 50 }, {}, { edges: [{}] }]);
    await scoreAnew(1);
    try {
      await Promise.all(parts().map((part) => expect(part).rejects.toMatchObject({ code: 'CONFLICT' })));
    } finally {
      await scoreAnew(-1);
    }
  });

  it('does not start with nobody where a scoring ends meanwhile', async () => {
    let starting: Promise<Started> | undefined;
    await server.database.dataSource.transaction(async (manager) => {
      await manager.query(lockMembers);
      starting = begin({ control: { campaign: 'Night', share: 0.3 } });
      await untilWaiting();
      await scoreAnew(1, manager);
    });
    expect(await starting).toMatchObject({ message: expect.stringContaining('scored anew while this was read') });
    await scoreAnew(-1);
    expect(await begin({ control: { campaign: 'Night', share: 0.3 } })).toMatchObject({ __typename: 'Campaign' });
  });

  it('is measured in turn with others, so that they do not take all connections', async () => {
    await query('update campaign set starts_on = (select max(day) - 20 from purchase_day)');
    let asking: Promise<{ data: { campaigns: { edges: { node: { effect: Effect | null } }[] } } }> | undefined;
    await server.database.dataSource.transaction(async (manager) => {
      await manager.query('lock table campaign_member in access exclusive mode');
      asking = server.ask('{ campaigns(first: 5) { edges { node { effect { until } } } } }');
      await untilWaiting(2);
    });
    const { data } = await asking!;
    expect(data.campaigns.edges.filter(({ node }) => node.effect)).toHaveLength(5);
  });

  it('is refused where it could not be judged', async () => {
    const control = { campaign: 'Once', share: 0.5 };
    expect(await begin({ control })).toMatchObject({ __typename: 'Campaign' });
    expect(await begin({ control })).toMatchObject({
      __typename: 'ConflictError',
      message: 'There is a campaign "Once" already. Choose another name.',
    });
    for (const variables of [
      { control: { campaign: 'None', share: 0 } },
      { control: { campaign: 'None', share: 0.2 }, filter: { country: ['Atlantis'] } },
    ]) {
      expect(await begin(variables)).toMatchObject({
        __typename: 'ConflictError',
        message: expect.stringContaining('each group needs two or more'),
      });
    }
    expect(await query(`select from campaign where name = 'None'`)).toEqual([]);
    const past = await server.ask(start, {
      variables: { control: { campaign: 'Past', share: 0.2 }, startsOn: '2024-01-01' },
    });
    expect(past.errors?.[0]).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
      message: expect.stringContaining('a campaign is started before anybody is contacted'),
    });
    const later = await begin({ control: { campaign: 'Later', share: 0.2 }, startsOn: '2030-01-01' });
    expect([later.startsOn, await effectOf(later.id)]).toEqual(['2030-01-01', null]);
    const viewer = await server.ask(start, { as: 'VIEWER', variables: { control: { campaign: 'No', share: 0.2 } } });
    expect(viewer.errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    const gone = await server.ask<{ campaign: null }>('query($id: ID!) { campaign(id: $id) { name } }', {
      variables: { id: globalId('Campaign', '99') },
    });
    expect(gone.data.campaign).toBeNull();
  });
});
