import { describe, expect, it } from 'vitest';
import { dayMs, startOfDay } from '../../../src/days.js';
import { silentProgress } from '../../../src/progress.js';
import { asOfGiven, servingAsOf } from '../../../src/services/predictions/serving-as-of.js';
import { findServingState } from '../../../src/services/models/active-model.js';
import { refreshAll } from '../../../src/services/preprocessing/refresh-all.js';
import { createTestDatabase } from '../../support/database.js';

describe('the date that predictions are served as of', () => {
  const today = startOfDay(new Date());
  const ago = (days: number) => new Date(today.getTime() - days * dayMs);

  it('is today while the shop sells, and after sixty days without an order the day after the last', () => {
    expect(asOfGiven({ asOf: 'auto' }, null, null)).toEqual(today);
    expect(asOfGiven({ asOf: 'auto' }, null, ago(60))).toEqual(today);
    expect(asOfGiven({ asOf: 'auto' }, null, ago(61))).toEqual(ago(60));
  });

  it('is then that of the last scoring, and always the one that is set', () => {
    expect(asOfGiven({ asOf: 'auto' }, { scoredAsOf: ago(70) }, ago(61))).toEqual(ago(70));
    // An instant stands for its day, also for a scoring that goes by it.
    expect(asOfGiven({ asOf: '2024-07-01T15:00:00Z' }, null, ago(61))).toEqual(new Date('2024-07-01'));
  });
});

it('is the next 1 January where purchases are dated by years, which are then over', async () => {
  await using database = await createTestDatabase();
  const { dataSource } = database;
  const buy = async (day: string) => {
    await dataSource.query(
      `with who as (insert into customer (external_id) values ($1::text) returning id)
       insert into customer_order (external_id, customer_id, placed_at, currency, total)
       select $1::text, id, $1::timestamptz, 'EUR', 20 from who`,
      [`${day}Z`],
    );
    await refreshAll(dataSource, { progress: silentProgress, signal: new AbortController().signal });
    const [asOf, { lastDay }] = [await servingAsOf(dataSource, { asOf: 'auto' }), await findServingState(dataSource)];
    expect(asOfGiven({ asOf: 'auto' }, null, lastDay)).toEqual(asOf);
    return asOf.toISOString().slice(0, 10);
  };
  // One such day may be one on which somebody bought.
  expect(await buy('2019-01-01')).toBe('2019-01-02');
  expect(await buy('2020-01-01')).toBe('2021-01-01');
  expect(await buy('2020-12-31')).toBe('2021-01-01');
  expect(await buy('2021-01-01')).toBe('2021-01-02');
  expect(await buy('2023-01-01')).toBe('2024-01-01');
  expect(await buy('2023-01-02')).toBe('2023-01-03');
}, 60_000);
