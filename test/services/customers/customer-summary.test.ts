import { describe, expect, it } from 'vitest';
import { CustomerSummary } from '../../../src/entities/index.js';
import { useTestShop } from '../../support/shop.js';

describe('the summary of a customer', () => {
  const shop = useTestShop();

  const summary = (customerId: string) => shop.dataSource.manager.findOneBy(CustomerSummary, { customerId });

  it('is there from the start, however many are added at once', async () => {
    const customer = await shop.customer('first');
    expect(await summary(customer)).toEqual({
      customerId: customer,
      firstDay: null,
      lastDay: null,
      occasions: 0,
      orders: 0,
      spend: '0.0000',
      returned: '0.0000',
      meanOccasionValue: null,
      gapMeanDays: null,
      categories: [],
    });
    await shop.dataSource.query(`insert into customer (external_id) select i from generate_series(1, 100) i`);
    // A second time nothing is inserted, and nothing goes wrong.
    await shop.dataSource.query(
      `insert into customer (external_id) select i from generate_series(1, 101) i
       on conflict (source, external_id) do update set updated_at = now()`,
    );
    expect(await shop.dataSource.manager.count(CustomerSummary)).toBe(102);
  });

  it('follows the purchase days, returns too, and forgets what is taken back', async () => {
    const customer = await shop.customer('buyer');
    await shop.order({ customer, at: '2023-12-30T10:00Z', total: -1, items: -1 });
    await shop.order({ customer, at: '2024-01-01T10:00Z', total: 10, items: 1 });
    await shop.order({ customer, at: '2024-01-01T15:00Z', total: 30, items: 1 });
    await shop.order({ customer, at: '2024-01-31T10:00Z', total: 20, items: 1 });
    await shop.order({ customer, at: '2024-02-05T10:00Z', total: -5, items: -1 });
    const last = await shop.order({ customer, at: '2024-03-01T10:00Z', total: 6, items: 1 });
    await shop.refresh([customer]);
    expect(await summary(customer)).toMatchObject({
      firstDay: '2024-01-01',
      lastDay: '2024-03-01',
      occasions: 3,
      orders: 4,
      spend: '60.0000',
      returned: '6.0000',
      meanOccasionValue: '22.0000',
      gapMeanDays: 30,
    });
    await shop.dataSource.query('delete from customer_order where id = $1', [last]);
    await shop.refresh();
    expect(await summary(customer)).toMatchObject({
      lastDay: '2024-01-31',
      occasions: 2,
      spend: '54.0000',
      gapMeanDays: 30,
    });
    await shop.dataSource.query('delete from customer_order');
    await shop.refresh([customer]);
    expect(await summary(customer)).toMatchObject({
      firstDay: null,
      lastDay: null,
      occasions: 0,
      spend: '0.0000',
      gapMeanDays: null,
    });
  });

  it('tells what came back, though on the whole everything stays as it was', async () => {
    await shop.product('cup', 'Cup');
    const customer = await shop.customer('undecided');
    const order = await shop.order({ customer, at: '2024-01-01', lines: [{ product: 'cup', quantity: 1, price: 4 }] });
    await shop.refresh([customer]);
    await shop.dataSource.query(
      'insert into order_line (order_id, line_number, quantity, unit_price) values ($1, 2, 1, 3), ($1, 3, -1, 3)',
      [order],
    );
    await shop.refresh([customer]);
    expect(await summary(customer)).toMatchObject({ orders: 1, spend: '4.0000', returned: '3.0000' });
  });

  it('is written only where something has changed, also where its mean has no end', async () => {
    const customer = await shop.customer('steady');
    for (const [day, total] of [1, 1, 8].entries()) await shop.order({ customer, at: `2024-01-0${day + 1}`, total });
    const written = async () => {
      await shop.refresh();
      return shop.dataSource.query(
        'select xmin, mean_occasion_value as mean from customer_summary where customer_id = $1',
        [customer],
      );
    };
    const first = await written();
    expect(first).toMatchObject([{ mean: '3.3333' }]);
    expect(await written()).toEqual(first);
  });

  it('goes with its customer', async () => {
    const customer = await shop.customer('gone');
    await shop.dataSource.query('delete from customer where id = $1', [customer]);
    expect(await summary(customer)).toBeNull();
  });
});
