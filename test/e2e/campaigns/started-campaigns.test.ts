import { describe, expect, it } from 'vitest';
import { dayOf } from '../../../src/days.js';
import { globalId } from '../../../src/schema/global-id.js';
import { scoredAsOf } from '../../support/scored-shop.js';
import {
  args,
  ids,
  listed,
  type Listed,
  start,
  type Started,
  terms,
  useCampaignServer,
} from '../support/campaign-server.js';

describe('a campaign that was started', () => {
  const shop = useCampaignServer();

  it('keeps whom its plan contacts and holds out, whatever is scored later', async () => {
    const control = { campaign: 'Spring', share: 0.4 };
    const { data } = await shop.server.ask<{ campaignPlan: { customers: Listed; control: Listed } }>(
      `query($control: ControlGroupInput!) { campaignPlan(${args}, budget: 5, control: $control) {
         customers(first: 200) { ${listed} } control(first: 200) { ${listed} } } }`,
      { variables: { control } },
    );
    const { id, ...started } = await shop.begin({ control, budget: 5 });
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
    await shop.query('update prediction set expected_value = 100 - percentile');
    const later = await shop.server.ask<{ node: Started; customers: Listed; others: Listed }>(
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
    // In the order of arrival, as all customers are listed, whatever the plan's order was.
    const members = new Set(ids(started.contacted));
    const asListed = later.data.customers.edges.filter(({ node }) => members.has(node.id));
    expect(later.data.node.contacted.edges).toEqual(asListed);
    const [audited] = await shop.query<{ action: string; target: string }>(
      `select action, target from audit_entry where action = 'startCampaign' order by id desc limit 1`,
    );
    expect(audited).toEqual({ action: 'startCampaign', target: id });
  });

  it('loses members who are erased, and all of them when it is deleted', async () => {
    const { id, contacted } = await shop.begin({ control: { campaign: 'Erased', share: 0.3 } });
    const [{ source, name }] = (await shop.query(
      `select source, external_id as name from customer where id = (
         select max(customer_id) from campaign_member m join campaign c on c.id = m.campaign_id
         where c.name = 'Erased' and member_group = 'CONTACTED')`,
    )) as [{ source: string; name: string }];
    await shop.server.ask(`mutation { eraseCustomers(externalIds: ["${name}"], source: "${source}") { erased } }`);
    const { data } = await shop.server.ask<{ campaign: Started }>(
      `query($id: ID!) { campaign(id: $id) { contacts contacted { totalCount } } }`,
      { variables: { id } },
    );
    expect(data.campaign.contacts).toBe(contacted.totalCount);
    expect(data.campaign.contacted.totalCount).toBe(contacted.totalCount - 1);
    expect(await shop.query('select from campaign_member where customer_id not in (select id from customer)')).toEqual(
      [],
    );
    const remove = 'mutation($id: ID!) { deleteCampaign(id: $id) { __typename ... on Campaign { name } } }';
    const removed = await shop.server.ask<{ deleteCampaign: unknown }>(remove, { as: 'MARKETER', variables: { id } });
    expect(removed.data.deleteCampaign).toEqual({ __typename: 'Campaign', name: 'Erased' });
    expect(
      await shop.query(`select from campaign_member m where not exists (select from campaign where id = campaign_id)`),
    ).toEqual([]);
    const again = await shop.server.ask<{ deleteCampaign: unknown }>(remove, { as: 'MARKETER', variables: { id } });
    expect(again.data.deleteCampaign).toEqual({ __typename: 'NotFoundError' });
  });

  it('is refused where it could not be judged', async () => {
    const control = { campaign: 'Once', share: 0.5 };
    expect(await shop.begin({ control })).toMatchObject({ __typename: 'Campaign' });
    expect(await shop.begin({ control })).toMatchObject({
      __typename: 'ConflictError',
      message: 'There is a campaign "Once" already. Choose another name.',
    });
    for (const variables of [
      { control: { campaign: 'None', share: 0 } },
      { control: { campaign: 'None', share: 0.2 }, filter: { country: ['Atlantis'] } },
    ]) {
      expect(await shop.begin(variables)).toMatchObject({
        __typename: 'ConflictError',
        message: expect.stringContaining('each group needs two or more'),
      });
    }
    // Under this name the two best are held out.
    expect(await shop.begin({ control: { campaign: 'Nobody', share: 0.5 }, budget: 0.1 })).toMatchObject({
      message: expect.stringContaining('1 customer would be contacted and 2 held out'),
    });
    expect(await shop.begin({ control: { campaign: 'None', share: 0.2 }, budget: 0 })).toMatchObject({
      message: expect.stringContaining('0 customers would be contacted and 0 held out'),
    });
    expect(await shop.query(`select from campaign where name in ('None', 'Nobody')`)).toEqual([]);
    const past = await shop.server.ask(start, {
      variables: { control: { campaign: 'Past', share: 0.2 }, startsOn: '2024-01-01' },
    });
    expect(past.errors?.[0]).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
      message: expect.stringContaining('a campaign is started before anybody is contacted'),
    });
    const later = await shop.begin({ control: { campaign: 'Later', share: 0.2 }, startsOn: '2030-01-01' });
    expect([later.startsOn, await shop.effectOf(later.id)]).toEqual(['2030-01-01', null]);
    const viewer = await shop.server.ask(start, {
      as: 'VIEWER',
      variables: { control: { campaign: 'No', share: 0.2 } },
    });
    expect(viewer.errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    const gone = await shop.server.ask<{ campaign: null }>('query($id: ID!) { campaign(id: $id) { name } }', {
      variables: { id: globalId('Campaign', '99') },
    });
    expect(gone.data.campaign).toBeNull();
  });
});
