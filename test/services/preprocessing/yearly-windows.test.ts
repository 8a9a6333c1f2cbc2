import { expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { readSnapshot } from '../../../src/services/preprocessing/snapshots.service.js';
import { fitYearly } from '../../../src/ml/features/prior/yearly/fit-yearly.js';
import type { YearlyChances } from '../../../src/ml/features/prior/yearly/yearly-model.js';
import { readPriorSample } from '../../../src/services/preprocessing/prior-sample.js';
import { giftDays } from '../../ml/features/prior/yearly/donors.js';
import { useTestDatabase } from '../../support/database.js';

const donors = giftDays({ firstYear: 2016, years: 7, cohorts: 3, donors: 400 }, 'windows');
const checked = Date.UTC(2022, 0, 1) / dayMs;

const database = useTestDatabase();

async function windowsOf(gifts: readonly (readonly number[])[]) {
  const { dataSource } = database;
  await dataSource.query('truncate customer cascade');
  const orders = gifts.flatMap((days, i) => days.map((day) => ({ customer: `c${i}`, day })));
  await dataSource.query(
    `with who as (
       insert into customer (external_id) select 'c' || n from generate_series(0, $1::int - 1) n returning id, external_id
     )
     insert into customer_order (external_id, customer_id, placed_at, currency, total)
     select number, id, timestamptz '1970-01-01' + day * interval '1 day', 'EUR', 20 + number % 7
     from unnest($2::text[], $3::int[]) with ordinality as t (customer, day, number) join who on external_id = customer`,
    [gifts.length, orders.map(({ customer }) => customer), orders.map(({ day }) => day)],
  );
  const { snapshotId } = await runPreprocessing(dataSource, { asOf: '2023-01-01', horizonDays: 365 });
  return (await readSnapshot(dataSource, snapshotId)).windows;
}

it('windows of donors know by years no more than the dates of what followed the checked one', async () => {
  const known = donors.map((days) => days.filter((day) => day < checked));
  const last = donors.flatMap((days) => days.filter((day) => day >= checked));
  // The same gifts, of others: of whoever had given before, in their order.
  const givers = known.flatMap((days, i) => (days.length > 0 ? [i] : []));
  const others = known.map((days, i) => [...days, ...last.filter((_, k) => givers[k] === i)]);
  const [before, after] = [await windowsOf(donors), await windowsOf(others)];
  const until = before.filter(({ asOf }) => Date.parse(asOf) <= checked * dayMs);
  expect(until.at(-1)).toMatchObject({ validation: true, prior: { yearly: { firstMonth: 0 } } });
  expect(after.slice(0, until.length).map(({ prior }) => prior.yearly)).toEqual(until.map(({ prior }) => prior.yearly));
});

it('windows of few years are drawn to what was known by the checked date', async () => {
  const windows = await windowsOf(donors);
  const { dataSource } = database;
  const customers = await dataSource.query<{ id: string }[]>('select id from customer');
  const ids = customers.map(({ id }) => id);
  const { prior } = windows.find(({ validation }) => validation)!;
  const fitted = async (date: Date, drawnTo?: YearlyChances) => {
    const { columns } = await readPriorSample(dataSource, date, ids);
    return fitYearly(prior.yearly!, columns, date, drawnTo).parameters;
  };
  const [oldest] = windows;
  const known = await fitted(new Date(checked * dayMs));
  expect(oldest!.prior.yearly).toEqual(await fitted(new Date(oldest!.asOf), known));
});
