import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { computeFeatures, computeLabels, computeRfm } from '../../../src/ml/features/compute-features.js';
import { featureValue } from '../../../src/ml/features/feature-definitions.js';
import { useTestShop } from '../../support/shop.js';

const file = new URL('../../../../shared/data/cdnow/CDNOW_sample.txt', import.meta.url);
const available = existsSync(file);
if (!available) console.warn(`CDNOW reference counts are not checked: there is no ${file.pathname}`);

/** The 1/10 sample of CDNOW, calibrated up to 30 September 1997: the counts that the literature reports. */
describe.skipIf(!available)('the CDNOW sample', () => {
  // The first instant after the calibration period.
  const asOf = new Date('1997-10-01T00:00Z');
  const shop = useTestShop();
  beforeAll(async () => {
    const rows = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/));
    await shop.dataSource.query(
      `with row as (
         select * from unnest($1::text[], $2::date[], $3::integer[], $4::numeric[]) with ordinality
           as t (customer, day, items, total, number)
       ), added as (
         insert into customer (external_id) select distinct customer from row returning id, external_id
       )
       insert into customer_order (external_id, customer_id, placed_at, currency, total, item_count)
       select number, id, day::timestamp at time zone 'UTC', 'USD', total, items
       from row join added on external_id = customer`,
      [rows.map((row) => row[1]), rows.map((row) => row[2]), rows.map((row) => row[3]), rows.map((row) => row[4])],
    );
    await shop.refresh();
  });

  it('has 2,457 repeat transactions by 946 customers in the calibration period', async () => {
    const rows = await computeFeatures(shop.dataSource, { asOf });
    const repeats = rows.map(({ features }) => featureValue(features, 'repeat_days')!);
    expect(repeats.reduce((sum, x) => sum + x, 0)).toBe(2_457);
    expect(repeats.filter((x) => x > 0)).toHaveLength(946);
    // Of 2,357 customers, eight bought nothing but zero-dollar orders.
    expect(rows).toHaveLength(2_349);
    const { columns } = await computeRfm(shop.dataSource, { asOf });
    expect([...columns.frequency]).toEqual(repeats);
    // With the two special tokens no text is longer than 48.
    const words = rows.map(({ narrative }) => narrative.flatMap(({ text }) => text.match(/\w+|[^\w\s]/g)!).length);
    expect(Math.max(...words)).toBeLessThanOrEqual(46);
  });

  it('has 1,882 transactions in the 39 weeks of the holdout period', async () => {
    const [{ count }] = await shop.dataSource.query(
      `select count(*)::int as count from purchase_day
       where net > 0 and day >= '1997-10-01' and day < date '1997-10-01' + 273`,
    );
    expect(count).toBe(1_882);
    const [{ ids, total }] = await shop.dataSource.query(
      `select array_agg(distinct customer_id) as ids, sum(net)::float8 as total from purchase_day
       where day between '1997-10-01' and '1998-06-30'`,
    );
    const labels = await computeLabels(shop.dataSource, { asOf, customerIds: ids, horizonDays: 273 });
    expect(labels.reduce((sum, label) => sum + label, 0)).toBeCloseTo(total, 6);
  });
});
