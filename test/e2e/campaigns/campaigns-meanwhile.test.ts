import { describe, expect, it } from 'vitest';
import { dayMs, dayOf } from '../../../src/days.js';
import { Customer } from '../../../src/entities/index.js';
import { lockMembers } from '../../../src/services/campaigns/campaign-member-statements.js';
import { type Erasure, eraseCustomers } from '../../../src/services/ingestion/live/erasure.js';
import { scoredAsOf } from '../../support/scored-shop.js';
import { crossedByErasure } from '../../support/crossing.js';
import { untilLocked } from '../../support/waiting.js';
import { type Effect, type Started, terms, useCampaignServer } from '../support/campaign-server.js';

describe('a campaign, whatever happens at the same time', () => {
  const shop = useCampaignServer();

  it('is deleted once, whoever else does it at the same time', async () => {
    const { id } = await shop.begin({ control: { campaign: 'Once', share: 0.3 } });
    const holder = shop.server.database.dataSource.createQueryRunner();
    await holder.startTransaction();
    await holder.query(`select from campaign where name = 'Once' for update`);
    const remove = `mutation { deleteCampaign(id: "${id}") { type: __typename } }`;
    const ask = () => shop.server.ask<{ deleteCampaign: { type: string } }>(remove);
    const removals = [ask(), ask()];
    await untilLocked(shop.server.database.dataSource, 2);
    await holder.commitTransaction();
    await holder.release();
    const types = (await Promise.all(removals)).map(({ data }) => data.deleteCampaign.type);
    expect(types.toSorted()).toEqual(['Campaign', 'NotFoundError']);
  });

  it('is deleted although an erasure of its members and that wait for each other', async () => {
    const { id, name } = await shop.begin({ control: { campaign: 'Crossed', share: 0.3 } });
    const remove = `mutation { deleteCampaign(id: "${id}") { type: __typename } }`;
    const members = `campaign_id = (select id from campaign where name = '${name}')`;
    const { dataSource } = shop.server.database;
    const removed = await crossedByErasure(dataSource, 'campaign_member', members, () => shop.server.ask(remove));
    expect(removed).toMatchObject({ data: { deleteCampaign: { type: 'Campaign' } } });
  });

  it('has nobody who is erased while it starts', async () => {
    const { manager } = shop.server.database.dataSource;
    const { id } = await manager.save(Customer, { source: 'other', externalId: 'erased' });
    await shop.query(
      `insert into prediction select altered.* from prediction p,
         jsonb_populate_record(p, jsonb_build_object('customer_id', $1::bigint, 'expected_value', 1e6)) altered limit 1`,
      [id],
    );
    let starting: Promise<Started>[] = [];
    await manager.transaction(async (erasure) => {
      // As an erasure that has come to the members.
      await erasure.query('delete from customer where id = $1', [id]);
      await erasure.query('delete from campaign_member where customer_id = $1', [id]);
      starting = ['Meanwhile', 'As well'].map((campaign) => shop.begin({ control: { campaign, share: 0.3 } }));
      await shop.expectWaiting(2);
    });
    expect(await Promise.all(starting)).toMatchObject([{ __typename: 'Campaign' }, { __typename: 'Campaign' }]);
    expect(await shop.query('select from campaign_member where customer_id = $1', [id])).toEqual([]);
  });

  it('loses who became a member of it while being erased', async () => {
    const { dataSource } = shop.server.database;
    const { id } = await dataSource.manager.save(Customer, { source: 'other', externalId: 'late' });
    const { name } = await shop.begin({ control: { campaign: 'Late', share: 0.3 } });
    let erasing: Promise<Erasure> | undefined;
    await dataSource.transaction(async (start) => {
      await start.query(lockMembers);
      await start.query(
        `insert into campaign_member (campaign_id, customer_id, member_group, predicted)
         select id, $2, 'CONTROL', 1 from campaign where name = $1`,
        [name, id],
      );
      erasing = eraseCustomers(dataSource, ['late'], 'other');
      await shop.expectWaiting();
    });
    expect(await erasing).toMatchObject({ erased: 1 });
    expect(await shop.query('select from campaign_member where customer_id = $1', [id])).toEqual([]);
  });

  /** As a scoring of another day that ends: it takes the predictions of the one before away. */
  async function scoreAnew(days: number, manager = shop.server.database.dataSource.manager): Promise<void> {
    await manager.query('update prediction set as_of = as_of + make_interval(days => $1)', [days]);
    await manager.query('update model_version set scored_as_of = scored_as_of + make_interval(days => $1)', [days]);
  }

  it('is not planned by predictions that a scoring has taken away meanwhile', async () => {
    const { campaigns, customerLists } = shop.server.services;
    const plan = await campaigns.plan({ ...terms, budget: 5 });
    const { selection } = await campaigns.customers(plan, 'CONTACTED', { first: 1 });
    const parts = () => [
      campaigns.expected(plan),
      campaigns.uncertainty(plan),
      campaigns.customers(plan, 'CONTACTED', { first: 1 }),
      customerLists.count(selection),
    ];
    expect(await Promise.all(parts())).toMatchObject([{ contacted: 50 }, {}, { edges: [{}] }, 50]);
    await scoreAnew(1);
    try {
      await Promise.all(parts().map((part) => expect(part).rejects.toMatchObject({ code: 'CONFLICT' })));
    } finally {
      await scoreAnew(-1);
    }
  });

  it('does not start with nobody where a scoring ends meanwhile', async () => {
    let starting: Promise<Started> | undefined;
    await shop.server.database.dataSource.transaction(async (manager) => {
      await manager.query(lockMembers);
      starting = shop.begin({ control: { campaign: 'Night', share: 0.3 } });
      await shop.expectWaiting();
      await scoreAnew(1, manager);
    });
    expect(await starting).toMatchObject({ message: expect.stringContaining('scored anew while this was read') });
    // As of tomorrow: what is bought today counts as known.
    const tomorrow = dayOf(new Date(scoredAsOf.getTime() + dayMs));
    expect(await shop.begin({ control: { campaign: 'Tomorrow', share: 0.3 } })).toMatchObject({ startsOn: tomorrow });
    await scoreAnew(-1);
    expect(await shop.begin({ control: { campaign: 'Night', share: 0.3 } })).toMatchObject({ __typename: 'Campaign' });
  });

  it('is measured in turn with others, so that they do not take all connections', async () => {
    for (const campaign of ['One', 'Two', 'Three', 'Four', 'Five'])
      await shop.begin({ control: { campaign, share: 0.3 } });
    await shop.query('update campaign set starts_on = (select max(day) - 20 from purchase_day)');
    let asking: Promise<{ data: { campaigns: { edges: { node: { effect: Effect | null } }[] } } }> | undefined;
    await shop.server.database.dataSource.transaction(async (manager) => {
      await manager.query('lock table campaign_member in access exclusive mode');
      asking = shop.server.ask('{ campaigns(first: 5) { edges { node { effect { until } } } } }');
      await shop.expectWaiting(2);
    });
    const { data } = await asking!;
    expect(data.campaigns.edges.filter(({ node }) => node.effect)).toHaveLength(5);
  });
});
