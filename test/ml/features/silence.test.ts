import { expect, it } from 'vitest';
import { refreshPurchaseDays } from '../../../src/ml/features/purchase-days.js';
import { readSilence } from '../../../src/ml/features/silence.js';
import { createTestDatabase } from '../../support/database.js';
import { TestShop } from '../../support/shop.js';

async function silence(days: readonly string[], asOf: string) {
  await using database = await createTestDatabase();
  const { dataSource } = database;
  const shop = new TestShop({ dataSource });
  const customer = await shop.customer('one');
  for (const at of days) await shop.order({ customer, at, total: 10 });
  await shop.order({ customer, at: '2024-05-20', total: -5 });
  await refreshPurchaseDays(dataSource, 'all');
  return await readSilence(dataSource, new Date(asOf));
}
const monthly = ['2023-10-01', '2023-11-03', '2023-12-01', '2024-01-01', '2024-02-01', '2024-03-01'];

it.each<[string, readonly string[], string, string | undefined]>([
  ['a shop that goes on', monthly, '2024-04-30', undefined],
  ['a shop whose purchases have ended, though returns came in', monthly, '2024-06-01', '2024-03-01'],
  ['purchases of the as-of day and later ones', [...monthly, '2024-06-01'], '2024-06-01', '2024-03-01'],
  ['gifts of each 1 January', ['2021-01-01', '2022-01-01', '2023-01-01'], '2024-01-01', undefined],
  ['gifts of each 1 January, after a leap year', ['2022-01-01', '2023-01-01', '2024-01-01'], '2025-01-01', undefined],
  ['gifts of each 1 January that have ended', ['2021-01-01', '2022-01-01', '2023-01-01'], '2024-01-03', '2023-01-01'],
  ['no purchase at all', [], '2024-06-01', undefined],
])('%s', async (_, days, asOf, expected) => {
  expect(await silence(days, asOf)).toBe(expected);
});
