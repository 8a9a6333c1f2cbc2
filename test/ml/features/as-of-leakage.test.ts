import { beforeAll, describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { computeAlteredFeatures } from '../../../src/ml/features/altered-features.js';
import { countCleaning } from '../../../src/ml/features/cleaning-counts.js';
import { computeFeatures, computeLabels, computeRfm } from '../../../src/ml/features/compute-features.js';
import { computeRecentSales } from '../../../src/ml/features/recent-sales.js';
import { computeSpendHistory } from '../../../src/ml/features/spend-history.js';
import { Random } from '../../../src/random.js';
import { useTestShop } from '../../support/shop.js';

const asOf = new Date('2024-07-01T00:00Z');
const kinds = ['BROWSE', 'SEARCH', 'CLICK', 'CART', 'EMAIL_OPEN', 'SUPPORT_TICKET', 'REVIEW'];

/** No feature, no word of a narrative, no sum of sales may depend on anything dated at or after the as-of instant. */
describe('the as-of date', () => {
  const shop = useTestShop();
  const customers: string[] = [];
  const random = new Random(7);
  const dayAround = (from: number, to: number) =>
    new Date(asOf.getTime() + Math.floor(from + random.uniform() * (to - from)) * dayMs).toISOString();

  async function order(customer: string, at: string): Promise<void> {
    const product = `p${Math.floor(random.uniform() * 6)}`;
    const quantity = random.uniform() < 0.15 ? -1 : 1 + Math.floor(random.uniform() * 5);
    await shop.order({ customer, at, lines: [{ product, quantity, price: 1 + Math.floor(random.uniform() * 40) }] });
  }

  async function event(customer: string, at: string): Promise<void> {
    const type = kinds[Math.floor(random.uniform() * kinds.length)]!;
    await shop.event({ customer, at, type, text: `words of ${at}`, attributes: { stars: 1 + (Date.parse(at) % 5) } });
  }

  beforeAll(async () => {
    for (let i = 0; i < 6; i++)
      await shop.product(`p${i}`, `Product number${i} of all`, i < 4 ? `kind ${i % 2}` : null);
    for (let i = 0; i < 25; i++) {
      const customer = await shop.customer(`c${i}`, i % 2 ? 'France' : null);
      customers.push(customer);
      await order(customer, dayAround(-400, -1));
      for (let k = 0; k < i % 7; k++) await order(customer, dayAround(-400, -1));
      for (let k = 0; k < i % 5; k++) await event(customer, dayAround(-100, -1));
      for (let k = 0; k < 3; k++) await order(customer, dayAround(0, 200));
      for (let k = 0; k < 2; k++) await event(customer, dayAround(0, 200));
    }
    await shop.refresh();
  });

  const features = async () =>
    JSON.stringify([
      await computeFeatures(shop.dataSource, { asOf }),
      await computeRfm(shop.dataSource, { asOf }),
      await computeRecentSales(shop.dataSource, { asOf, customerIds: customers }),
      await computeSpendHistory(shop.dataSource, asOf),
    ]);
  const labels = async () =>
    [...(await computeLabels(shop.dataSource, { asOf, customerIds: customers, horizonDays: 365 }))].join();

  it('keeps the future out: moved, added and deleted orders and events change labels, and no feature', async () => {
    const before = await features();
    const labelled = new Set([await labels()]);
    expect(JSON.parse(before)[0].length).toBeGreaterThan(15);

    const changes = [
      `update customer_order set placed_at = placed_at + interval '200 days', total = total * 2
       where placed_at >= '2024-07-01Z' and id % 2 = 0`,
      `update order_line set quantity = quantity * 7, unit_price = unit_price * 3
       where order_id in (select id from customer_order where placed_at >= '2024-07-01Z')`,
      `update customer_order set placed_at = '2024-07-01T00:00Z' where placed_at >= '2024-07-01Z' and id % 3 = 0`,
      `delete from customer_order where placed_at >= '2024-07-01Z' and id % 5 = 0`,
    ];
    for (const change of changes) {
      const [, changed] = await shop.dataSource.query(change);
      expect(changed).toBeGreaterThan(0);
      await shop.refresh();
      expect(await features()).toBe(before);
      const now = await labels();
      expect(labelled).not.toContain(now);
      labelled.add(now);
    }
    await shop.dataSource.query(`delete from behavior_event where occurred_at >= '2024-07-01Z' and id % 2 = 0`);
    for (const customer of customers) {
      await order(customer, '2024-07-01T00:00:00Z');
      await event(customer, '2024-07-01T00:00:00Z');
    }
    await shop.refresh();
    expect(await features()).toBe(before);
    await shop.dataSource.query(`delete from behavior_event where occurred_at >= '2024-07-01Z'`);
    await shop.dataSource.query(`delete from customer_order where placed_at >= '2024-07-01Z'`);
    await shop.refresh();
    expect(await features()).toBe(before);
  });

  it('lets the past in: the test above could fail', async () => {
    const before = await features();
    await order(customers[0]!, '2024-06-30T23:59:59Z');
    await shop.refresh();
    const withOrder = await features();
    expect(withOrder).not.toBe(before);
    await event(customers[0]!, '2024-06-30T23:59:59Z');
    expect(await features()).not.toBe(withOrder);
  });

  it('is the whole of its day: what happened on it before the instant is in the labels, and in no feature', async () => {
    const customerIds = [await shop.customer('buys at noon', null)];
    const [customer] = customerIds as [string];
    await shop.order({ customer, at: '2024-06-01', total: 20 });
    await event(customer, '2024-06-01T09:00Z');
    await shop.refresh();
    const earlier = { orders: [], movedBackDays: 60 };
    const known = async (time: Date) => {
      const [row] = await computeFeatures(shop.dataSource, { asOf: time, customerIds });
      const [altered] = await computeAlteredFeatures(shop.dataSource, { asOf: time, customerIds }, earlier);
      const { events } = await countCleaning(shop.dataSource, time);
      return [row!.features, row!.narrative, altered!.features, altered!.narrative, events];
    };
    const before = await known(asOf);
    await shop.order({ customer, at: '2024-07-01T12:00Z', total: 30 });
    for (const at of ['2024-07-01T11:00Z', '2024-07-01T13:00Z']) await event(customer, at);
    await shop.refresh();
    const evening = new Date('2024-07-01T20:00Z');
    expect(await known(evening)).toEqual(before);
    expect([...(await computeLabels(shop.dataSource, { asOf: evening, customerIds, horizonDays: 1 }))]).toEqual([30]);
  });

  it('sums the sales of each day before it, the day before as one day ago', async () => {
    const customer = await shop.customer('alone', null);
    for (const [at, price] of [
      ['2024-06-30T23:59:59Z', 5],
      ['2024-06-30T01:00:00Z', 3],
      ['2024-06-21T12:00:00Z', 7],
      ['2024-07-01T00:00:00Z', 11],
    ] as const) {
      await shop.order({ customer, at, lines: [{ product: 'p1', quantity: 1, price }] });
    }
    await shop.refresh();
    const sales = await computeRecentSales(shop.dataSource, { asOf, customerIds: [customer] });
    expect(sales).toEqual([
      { daysAgo: 1, net: 8, repeatNet: 8 },
      { daysAgo: 10, net: 7, repeatNet: 0 },
    ]);
  });

  it('gives the same numbers for one customer, for some and for all, in any plan', async () => {
    const all = await computeFeatures(shop.dataSource, { asOf });
    const some = await computeFeatures(shop.dataSource, {
      asOf,
      customerIds: customers.toReversed().slice(0, 10),
    });
    const one = await computeFeatures(shop.dataSource, { asOf, customerIds: [all[3]!.customerId] });
    expect(one).toEqual([all[3]]);
    expect(all).toEqual(expect.arrayContaining(some));
    const otherPlan = await shop.dataSource.transaction(async (manager) => {
      for (const setting of ['enable_hashagg', 'enable_hashjoin', 'enable_seqscan', 'enable_sort']) {
        await manager.query(`set local ${setting} = off`);
      }
      return computeFeatures(manager, { asOf });
    });
    expect(otherPlan).toEqual(all);
  });
});
