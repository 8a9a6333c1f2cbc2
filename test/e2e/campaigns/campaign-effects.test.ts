import { describe, expect, it } from 'vitest';
import { dayOf, midnightOf } from '../../../src/days.js';
import { Campaign } from '../../../src/entities/index.js';
import { cents } from '../../../src/math.js';
import { campaignEffect, type GroupSpend } from '../../../src/services/campaigns/campaign-effect.js';
import { CampaignRecords } from '../../../src/services/campaigns/campaign-records.service.js';
import { terms, useCampaignServer } from '../support/campaign-server.js';

describe('what a campaign has brought', () => {
  const shop = useCampaignServer();

  it('is judged by what its customers spend on the days since', async () => {
    const { id, startsOn, contacts } = await shop.begin({ control: { campaign: 'Judged', share: 0.5 } });
    const members = await shop.query<{ name: string; contacted: boolean; predicted: number }>(
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
        await shop.buy([member.name], day(after), net);
        if (after >= 0 && after < 5) spends.set(member.name, spends.get(member.name)! + net);
      }
    };
    await spend(-1, () => 1_000);
    // Every eighth buys nothing, and some of those send something back.
    await spend(0, (_member, i) => (i % 8 === 0 ? 0 : (i % 3 === 0 ? 40 : 20) + (i % 5)));
    await spend(2, ({ contacted }, i) => (contacted && i % 2 === 0 ? 40 : 0));
    await spend(4, (_member, i) => (i % 7 === 0 ? -5 : 0));
    // The day after the last purchase is the present: a day that is not over does not count, nor does any after it.
    await shop.buy(['lead'], day(4), 1);
    const effect = (await shop.effectOf(id))!;
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
    const shown = ({ customers, buyers, meanSpend, meanPredicted }: GroupSpend) => ({
      customers,
      buyers,
      meanSpend: cents(meanSpend),
      meanPredicted: cents(meanPredicted),
    });
    expect([effect.contacted, effect.control]).toEqual([shown(contacted), shown(control)]);
    expect(control.buyers).toBeLessThan(control.customers);
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
    const first = (await shop.effectOf(id, 2))!;
    expect([first.from, first.until]).toEqual([day(0), day(1)]);
    expect(first.spendPerCustomer.lower).toBeLessThan(0);
    const { dataSource } = shop.server.database;
    const campaign = await dataSource.getRepository(Campaign).findOneByOrFail({ name: 'Judged' });
    const asOfThen = new CampaignRecords(dataSource, { asOf: day(1) }, shop.server.services.campaigns);
    expect(await asOfThen.effect(campaign)).toMatchObject({ until: midnightOf(day(0)) });
    const [{ n }] = (await shop.query<{ n: number }>('select count(*)::integer as n from campaign')) as [{ n: number }];
    const all = await shop.server.ask<{ campaigns: { edges: { node: { name: string } }[] } }>(
      '{ campaigns(first: 1) { edges { node { name } } pageInfo { hasNextPage } } }',
    );
    expect(all.data.campaigns).toMatchObject({
      edges: [{ node: { name: 'Judged' } }],
      pageInfo: { hasNextPage: n > 1 },
    });
  });

  it('is not judged by days whose orders have yet to be imported', async () => {
    const { id } = await shop.begin({ control: { campaign: 'Monthly', share: 0.5 } });
    const day = (ago: number) => dayOf(new Date(Date.now() - ago * 86_400_000));
    await shop.query('update campaign set starts_on = $1 where name = $2', [day(21), 'Monthly']);
    expect(await shop.effectOf(id)).toBeNull();
    // The shop runs: today is the present.
    const names = (await shop.query<{ name: string }>('select external_id as name from customer limit 3')).map(
      ({ name }) => name,
    );
    await shop.buy(names, day(20), 1);
    expect(await shop.effectOf(id)).toMatchObject({ from: day(21), until: day(20) });
    expect(await shop.effectOf(id, 14)).toMatchObject({ until: day(20) });
    expect(await shop.effectOf(id, 1)).toMatchObject({ until: day(21) });
    const [before, { startsOn }] = [
      day(0),
      await shop.begin({ control: { campaign: 'Since the scoring', share: 0.5 } }),
    ];
    expect([before, day(0)]).toContain(startsOn);
    await shop.query('delete from purchase_day where day = $1', [day(20)]);
  });

  it('is charged with the contacts of customers who were erased since', async () => {
    const { id, contacts } = await shop.begin({ control: { campaign: 'Erased', share: 0.5 } });
    await shop.query(`update campaign set starts_on = (select max(day) from purchase_day) where name = 'Erased'`);
    await shop.query(
      `delete from campaign_member where (campaign_id, customer_id) in (
         select campaign_id, customer_id from campaign_member join campaign c on c.id = campaign_id
         where c.name = 'Erased' and member_group = 'CONTACTED' order by customer_id offset 10)`,
    );
    const effect = (await shop.effectOf(id))!;
    expect(effect.contacted.customers).toBe(10);
    expect(contacts).toBeGreaterThan(50);
    const cost = contacts * terms.contactCost;
    const profit = terms.margin * effect.incrementalRevenue.value - cost;
    expect(effect.incrementalProfit.value).toBeCloseTo(profit, 1);
    expect(effect.returnOnInvestment.value).toBeCloseTo(profit / cost, 1);
  });

  it('is not judged in another currency than that of its costs', async () => {
    const { id } = await shop.begin({ control: { campaign: 'Dollars', share: 0.5 } });
    await shop.query(`update customer_order set currency = 'EUR'`);
    const { errors } = await shop.server.ask('query($id: ID!) { campaign(id: $id) { effect { until } } }', {
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
    await shop.query(`update customer_order set currency = 'USD'`);
    expect(await shop.effectOf(id)).toBeNull();
  });

  it('is not told where erasures have left less than two customers of a group', async () => {
    const { id } = await shop.begin({ control: { campaign: 'Few', share: 0.5 } });
    await shop.query(`update campaign set starts_on = (select max(day) from purchase_day) where name = 'Few'`);
    const left = (members: number) =>
      shop.query(
        `delete from campaign_member where (campaign_id, customer_id) in (
           select campaign_id, customer_id from campaign_member join campaign c on c.id = campaign_id
           where c.name = 'Few' and member_group = 'CONTROL' order by customer_id offset $1)`,
        [members],
      );
    await left(2);
    expect(await shop.effectOf(id)).toMatchObject({ control: { customers: 2 } });
    await left(1);
    expect(await shop.effectOf(id)).toBeNull();
    await left(0);
    expect(await shop.effectOf(id)).toBeNull();
  });
});
