import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { LocalInference } from '../../../src/services/inference/local-inference.js';
import { factsChangedAtOf } from '../../../src/services/predictions/prediction-store.js';
import { PredictionsService } from '../../../src/services/predictions/predictions.service.js';
import { finishScoring } from '../../../src/services/scoring/scoring.service.js';
import { testConfig } from '../../support/config.js';
import { scoredAsOf, scoredHorizonDays, useScoredShop } from '../../support/scored-shop.js';

/** The shop's own, for which nothing was scored yet. */
const horizonDays = 90;
const asOf = new Date(scoredAsOf.getTime() + dayMs);

describe('predictions, a day after the scoring of another horizon', () => {
  const shop = useScoredShop();
  let inference: LocalInference;
  let predictions: PredictionsService;
  let customerId: string;
  let lead: string;
  beforeAll(async () => {
    const { dataSource } = shop;
    const config = testConfig({ CLVGRAPH_AS_OF: asOf.toISOString(), CLVGRAPH_HORIZON_DAYS: String(horizonDays) });
    inference = new LocalInference(dataSource, config);
    predictions = new PredictionsService(dataSource, config, inference);
    [{ customerId, lead }] = await dataSource.query<[{ customerId: string; lead: string }]>(
      `select (select min(customer_id) from prediction) as "customerId", id as lead from customer where external_id = 'lead'`,
    );
  });
  afterAll(() => inference.close());

  const factsVersion = async () => (await factsChangedAtOf(shop.dataSource, [customerId])).get(customerId)!;

  it('are stored for the horizon of the shop and for one that is ranked, and else kept in memory', async () => {
    const horizons = [horizonDays, scoredHorizonDays, 77];
    const read = () => predictions.predict(horizons.map((days) => ({ customerId, horizonDays: days })));
    const computed = await read();
    expect(
      await shop.dataSource.query(
        'select horizon_days as days from prediction where as_of = $1 and customer_id = $2 order by horizon_days',
        [asOf, customerId],
      ),
    ).toEqual([{ days: horizonDays }, { days: scoredHorizonDays }]);
    expect(await read()).toEqual(computed);
  });

  it('are of the newest facts where two requests have read different ones', async () => {
    const old = await factsVersion();
    const request = { customerId, horizonDays: 77 };
    await predictions.predict([{ ...request, factsVersion: old }]);
    await shop.dataSource.query('update customer set facts_changed_at = clock_timestamp() where id = $1', [customerId]);
    const now = await factsVersion();
    const served = await predictions.predict([now, old].map((version) => ({ ...request, factsVersion: version })));
    expect(served.map((each) => each.factsVersion)).toEqual([now, now]);
  });

  it('put who has bought nothing below all others as soon as these are ranked', async () => {
    const ofLead = () => predictions.predict([{ customerId: lead, horizonDays }]);
    expect(await ofLead()).toMatchObject([{ prediction: null, belowRanked: false }]);
    const [served] = await predictions.predict([{ customerId, horizonDays }]);
    const present = { ...served!.period, horizonDays, asOf };
    expect(await finishScoring(shop.dataSource, present, present)).toBe(true);
    expect(await ofLead()).toMatchObject([{ prediction: null, belowRanked: true }]);
  });
});
