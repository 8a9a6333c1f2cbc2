import { beforeAll, describe, expect, it } from 'vitest';
import {
  isRanked,
  type PredictionPeriod,
  placesAmongRanked,
  removePredictions,
} from '../../../src/services/predictions/prediction-store.js';
import { scoredAsOf, scoredHorizonDays, useScoredShop } from '../../support/scored-shop.js';

describe('stored predictions', () => {
  const shop = useScoredShop();
  let period: PredictionPeriod;
  beforeAll(async () => {
    const [{ modelId }] = await shop.dataSource.query<[{ modelId: string }]>(
      'select model_id as "modelId" from prediction limit 1',
    );
    period = { modelId, horizonDays: scoredHorizonDays, asOf: scoredAsOf };
  });

  it('place a value at the percentile of the one that it equals, or else of the next lower', async () => {
    const rows = await shop.dataSource.query<{ value: number; percentile: number }[]>(
      'select expected_value as value, percentile from prediction order by expected_value desc limit 50',
    );
    const percentiles = rows.map(({ percentile }) => percentile);
    const places = (more: number) =>
      placesAmongRanked(
        shop.dataSource,
        period,
        rows.map(({ value }) => value + more),
      );
    expect(await places(0)).toEqual(percentiles);
    expect(await places(1e-9)).toEqual(percentiles);
    expect(await places(-1e9)).toEqual(percentiles.map(() => 0));
  });

  it('of another horizon are ranked as of their own date, and removed without those of other dates', async () => {
    const { dataSource } = shop;
    const [early, late] = ['2025-01-01', '2025-02-01'].map((day) => ({
      ...period,
      horizonDays: 90,
      asOf: new Date(`${day}T00:00:00Z`),
    })) as [PredictionPeriod, PredictionPeriod];
    const [{ id }] = await dataSource.query<[{ id: string }]>('select min(customer_id) as id from prediction');
    await dataSource.query(
      `insert into prediction select other.* from prediction p, unnest($2::timestamptz[]) day,
         jsonb_populate_record(p, jsonb_build_object('as_of', day, 'horizon_days', 90)) other where p.customer_id = $1`,
      [id, [early.asOf, late.asOf]],
    );
    const areRanked = () => Promise.all([early, late, period].map((of) => isRanked(dataSource, of)));
    expect(await areRanked()).toEqual([true, true, true]);
    await removePredictions(dataSource, late, [id]);
    expect(await areRanked()).toEqual([true, false, true]);
  });
});
