import { beforeEach, describe, expect, it } from 'vitest';
import { refreshPurchaseDays } from '../../../src/ml/features/purchase-days.js';
import { useEmptiedDatabase } from '../../support/database.js';
import { TestShop } from '../../support/shop.js';

describe('purchase days', () => {
  const shop = new TestShop(useEmptiedDatabase());
  beforeEach(async () => {
    await shop.product('mug', 'Red mug');
    await shop.product('bell', 'Glass bell');
    await shop.product('POST', 'Postage', null, false);
  });

  const days = () =>
    shop.dataSource.query(
      `select customer_id, day::text, net::float, gross::float, returned::float, items, products, orders
       from purchase_day order by customer_id, day`,
    );
  const changedAt = async (id: string): Promise<string> =>
    (await shop.dataSource.query('select facts_changed_at::text as at from customer where id = $1', [id]))[0].at;

  it('adds up the clean lines of a day and subtracts what came back on the day it came back', async () => {
    const customer = await shop.customer('c');
    // 2 mugs at 3.50 twice (an exact copy), the same mugs at another price, postage, a free bell and a negative price.
    await shop.order({
      customer,
      at: '2024-03-05T10:00Z',
      lines: [
        { product: 'mug', quantity: 2, price: 3.5 },
        { product: 'mug', quantity: 2, price: 3.5 },
        { product: 'mug', quantity: 2, price: 4 },
        { product: 'POST', quantity: 1, price: 9 },
        { product: 'bell', quantity: 1, price: 0 },
        { product: 'bell', quantity: 1, price: -5 },
      ],
    });
    await shop.order({ customer, at: '2024-03-05T23:59:59Z', lines: [{ product: 'bell', quantity: 5, price: 1 }] });
    await shop.order({
      customer,
      at: '2024-03-06T00:00:00Z',
      lines: [
        { product: 'mug', quantity: -2, price: 3.5 },
        { product: 'bell', quantity: -1, price: 1 },
      ],
    });
    await shop.refresh();
    expect(await days()).toEqual([
      { customer_id: customer, day: '2024-03-05', net: 20, gross: 20, returned: 0, items: 9, products: 2, orders: 2 },
      { customer_id: customer, day: '2024-03-06', net: -8, gross: 0, returned: 8, items: 0, products: 0, orders: 0 },
    ]);
  });

  it('counts orders without lines by their totals, copies included', async () => {
    const customer = await shop.customer('c');
    await shop.order({ customer, at: '1997-01-01', total: 11.77, items: 3 });
    await shop.order({ customer, at: '1997-01-01', total: 11.77, items: 3 });
    await shop.order({ customer, at: '1997-01-02', total: 0, items: 1 });
    await shop.order({ customer, at: '1997-01-03', total: -4, items: -3 });
    await shop.order({ customer: null, at: '1997-01-03', total: 50, items: 1 });
    await shop.order({ customer, at: '1997-01-04', total: 5, items: 0 });
    for (let i = 0; i < 2; i++) await shop.order({ customer, at: '1997-01-05', total: 5, items: 2_000_000_000 });
    await shop.refresh();
    const bought = { customer_id: customer, returned: 0, products: 0 };
    expect(await days()).toEqual([
      { ...bought, day: '1997-01-01', net: 23.54, gross: 23.54, items: 6, orders: 2 },
      { ...bought, day: '1997-01-03', net: -4, gross: 0, returned: 4, items: 0, orders: 0 },
      { ...bought, day: '1997-01-04', net: 5, gross: 5, items: 1, orders: 1 },
      // As many as an integer holds.
      { ...bought, day: '1997-01-05', net: 10, gross: 10, items: 2_147_483_647, orders: 2 },
    ]);
  });

  it('counts lines of unknown products, of which none is known to be a copy', async () => {
    const customer = await shop.customer('c');
    const line = { product: 'unknown', quantity: 1, price: 2 };
    await shop.order({ customer, at: '2024-03-05', lines: [line, line] });
    await shop.refresh();
    expect(await days()).toEqual([
      { customer_id: customer, day: '2024-03-05', net: 4, gross: 4, returned: 0, items: 2, products: 0, orders: 1 },
    ]);
  });

  it('makes no day of an order whose every line is cleaned away', async () => {
    const customer = await shop.customer('c');
    await shop.order({ customer, at: '2024-03-05', lines: [{ product: 'POST', quantity: 1, price: 9 }] });
    await shop.order({ customer, at: '2024-03-05', lines: [{ product: 'mug', quantity: 0, price: 9 }] });
    await shop.refresh();
    expect(await days()).toEqual([]);
  });

  it('touches only customers whose days changed', async () => {
    const steady = await shop.customer('steady');
    const moving = await shop.customer('moving');
    const other = await shop.customer('other');
    await shop.order({ customer: steady, at: '2024-03-05', total: 10 });
    await shop.order({ customer: moving, at: '2024-03-05', total: 10 });
    await shop.order({ customer: other, at: '2024-03-05', total: 10 });
    await shop.refresh();
    const before = await Promise.all([steady, moving, other].map(changedAt));
    const versions = () => shop.dataSource.query('select xmin, xmax, customer_id from purchase_day order by 3');
    const rows = await versions();

    await shop.refresh();
    expect(await Promise.all([steady, moving, other].map(changedAt))).toEqual(before);
    expect(await versions()).toEqual(rows);

    await shop.dataSource.query('update customer_order set total = 12 where customer_id = $1', [moving]);
    await shop.dataSource.query('delete from customer_order where customer_id = $1', [other]);
    await shop.refresh([steady, moving, moving]);
    expect(await changedAt(steady)).toBe(before[0]);
    expect(await changedAt(moving)).not.toBe(before[1]);
    // Not asked for, so not looked at.
    expect(await changedAt(other)).toBe(before[2]);
    await shop.refresh([other]);
    expect(await changedAt(other)).not.toBe(before[2]);
    expect(await days()).toMatchObject([
      { customer_id: steady, net: 10 },
      { customer_id: moving, net: 12 },
    ]);
  });

  it('loses no order of two writers of one customer', async () => {
    const customer = await shop.customer('c');
    await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        shop.dataSource.transaction(async (manager) => {
          await manager.query(
            `insert into customer_order (external_id, customer_id, placed_at, currency, total)
             values ($1, $2, '2024-03-05', 'GBP', 10)`,
            [`concurrent ${index}`, customer],
          );
          await refreshPurchaseDays(manager, [customer]);
        }),
      ),
    );
    expect(await days()).toMatchObject([{ net: 60, orders: 6 }]);
  });
});
