import { expect, it } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { LocalInference } from '../../../src/services/inference/local-inference.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { PredictionsService } from '../../../src/services/predictions/predictions.service.js';
import { planShards } from '../../../src/services/scoring/customer-shards.js';
import { scoreShard } from '../../../src/services/scoring/scoring.service.js';
import { testConfig } from '../../support/config.js';
import { scoredAsOf, scoredHorizonDays, useScoredShop } from '../../support/scored-shop.js';

const shop = useScoredShop();

it('a prediction of a scoring that has not ranked yet is placed among those of the day before, as one made for a request', async () => {
  const { dataSource } = shop;
  const asOf = new Date(scoredAsOf.getTime() + dayMs);
  const config = testConfig({ CLVGRAPH_AS_OF: asOf.toISOString() });
  const [{ modelId }] = await dataSource.query<[{ modelId: string }]>(
    'select model_id as "modelId" from prediction limit 1',
  );
  const ids = await dataSource.query<{ id: string }[]>('select customer_id::text as id from prediction limit 20');
  const requests = ids.map(({ id }) => ({ customerId: id, horizonDays: scoredHorizonDays }));
  const inference = new LocalInference(dataSource, config);
  const models = new ModelLoader(dataSource, config);
  const read = async () => {
    const served = await new PredictionsService(dataSource, config, inference).predict(requests);
    return served.map(({ customerId, prediction }) => [customerId, prediction!.percentile]);
  };
  try {
    const onRequest = await read();
    await dataSource.query('delete from prediction where as_of = $1', [asOf]);
    const period = { modelId, horizonDays: scoredHorizonDays, asOf };
    const { signal } = new AbortController();
    for (const shard of await planShards(dataSource, 1_000))
      await scoreShard(dataSource, models, period, shard, signal);
    expect(onRequest.every(([, percentile]) => typeof percentile === 'number')).toBe(true);
    expect(await read()).toEqual(onRequest);
  } finally {
    await inference.close();
    await models.close();
  }
});
