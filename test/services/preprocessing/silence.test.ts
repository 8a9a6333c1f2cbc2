import { expect, it } from 'vitest';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { createTestDatabase } from '../../support/database.js';
import { writeShop } from './preprocessing-shop.js';

it('tells since when nobody has bought, if the data end long before the as-of date', async () => {
  await using database = await createTestDatabase();
  const { dataSource } = database;
  await writeShop(dataSource);
  const ended = await runPreprocessing(dataSource, { asOf: '2024-03-15', horizonDays: 90 });
  const [last] = await dataSource.query<{ day: string }[]>(
    'select max(day)::text as day from purchase_day where net > 0',
  );
  expect(ended.report.silentSince).toBe(last!.day);
  const running = await runPreprocessing(dataSource, { asOf: '2024-01-15', horizonDays: 90 });
  expect(running.report).not.toHaveProperty('silentSince');
}, 120_000);
