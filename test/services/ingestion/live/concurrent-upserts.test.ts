import { describe, expect, it } from 'vitest';
import { findStaleCustomers } from '../../../../src/ml/features/purchase-days.js';
import { useRecords } from '../../../support/records.js';

const rounds = 40;
const placedAt = '2024-01-01';

describe('batches that write the same records at once', () => {
  const database = useRecords();
  const { query, customers, products, orders } = database;
  const staleCustomers = () => findStaleCustomers(database.dataSource, '0', '9223372036854775807');
  const order = (externalId: string, customerExternalId?: string) => ({
    externalId,
    ...(customerExternalId ? { customerExternalId } : {}),
    placedAt,
    lines: [{ productExternalId: 'p', quantity: 1, unitPrice: '5' }],
  });

  it('leave purchase days that are what the orders make, wherever an order moves', async () => {
    for (let round = 0; round < rounds; round++) {
      const ids = ['a', 'b', 'c'];
      await Promise.all(
        [0, 1, 2].map((shift) => orders(...ids.map((id, i) => order(id, `c${(round + i * shift + shift) % 5}`)))),
      );
    }
    expect(await staleCustomers()).toEqual([]);
  });

  it('never take an order’s customer away', async () => {
    for (let round = 0; round < rounds; round++) {
      await Promise.all([orders(order(`o${round}`, `c${round}`)), orders(order(`o${round}`))]);
    }
    expect(await query('select external_id from customer_order where customer_id is null')).toEqual([]);
    expect(await staleCustomers()).toEqual([]);
  });

  it('keep what each of them adds to a customer', async () => {
    for (let round = 0; round < rounds; round++) {
      const externalId = `c${round}`;
      await Promise.all([
        customers({ externalId, attributes: { a: 1 } }),
        customers({ externalId, attributes: { b: 2 }, country: 'Chile' }),
        orders(order(`o${round}`, externalId)),
      ]);
    }
    const kept = await query<{ n: number }>(
      `select count(*)::integer as n from customer where attributes = '{"a": 1, "b": 2}' and country = 'Chile'`,
    );
    expect(kept).toEqual([{ n: rounds }]);
  });

  it('count an order’s lines by what its products have just become', async () => {
    for (let round = 0; round < rounds; round++) {
      const externalId = `p${round}`;
      const lines = [{ productExternalId: externalId, quantity: 1, unitPrice: '5' }];
      await products({ externalId });
      await Promise.all([
        products({ externalId, merchandise: false }),
        orders({ externalId: `o${round}`, customerExternalId: `c${round}`, placedAt, lines }),
      ]);
    }
    expect(await query('select * from purchase_day')).toEqual([]);
  });
});
