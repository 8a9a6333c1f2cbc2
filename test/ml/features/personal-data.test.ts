import { expect, it } from 'vitest';
import { computeFeatures } from '../../../src/ml/features/compute-features.js';
import { textOf, useTestShop } from '../../support/shop.js';

const shop = useTestShop();

it('keeps names, addresses and numbers out of narratives, wherever the customer wrote them', async () => {
  const customer = await shop.customer('zyxwv-external');
  await shop.dataSource.query(
    `insert into customer_personal_data (customer_id, name, email, phone)
     values ($1, 'Quillon Featherstone', 'qf1987@example.com', '+44 20 7946 0018')`,
    [customer],
  );
  await shop.order({ customer, at: '2024-06-01', total: 20 });
  for (const [type, text] of [
    ['SEARCH', 'gift for quillon'],
    ['SUPPORT_TICKET', 'Featherstone here, reach me on 020 7946 0018 or other.person@example.net'],
    ['REVIEW', 'QUILLON says: nice. qf1987 forever'],
  ] as const) {
    await shop.event({ customer, at: '2024-06-20', type, text });
  }
  await shop.refresh();
  const [row] = await computeFeatures(shop.dataSource, { asOf: new Date('2024-07-01') });
  const text = textOf(row!);
  expect(text).toContain('searched for gift for.');
  expect(text).toContain('ticket 11 days ago: here reach me on or.');
  expect(text).toContain('review: says nice forever.');
  expect(JSON.stringify(row)).not.toMatch(/quillon|featherstone|qf1987|7946|other\.person|@|zyxwv/i);
});
