import { expect, it, vi } from 'vitest';
import { WhatIfsService } from '../../../src/services/explanations/what-ifs.service.js';
import { LocalInference } from '../../../src/services/inference/local-inference.js';
import { CustomerClv } from '../../../src/services/predictions/customer-clv.js';
import { PredictionsService } from '../../../src/services/predictions/predictions.service.js';
import { testConfig } from '../../support/config.js';
import { scoredHorizonDays, useScoredShop } from '../../support/scored-shop.js';

const shop = useScoredShop();

it('asks the model for no what-ifs that nobody waits for, unless others do who asked at the same time', async () => {
  const { dataSource } = shop;
  const config = testConfig();
  const inference = new LocalInference(dataSource, config);
  try {
    const found = await dataSource.query<{ id: string }[]>(
      'select customer_id::text as id from prediction order by id limit 2',
    );
    const requests = found.map(({ id }) => ({ customerId: id, horizonDays: scoredHorizonDays }));
    const served = await new PredictionsService(dataSource, config, inference).predict(requests);
    const clvs = served.map((clv) => new CustomerClv(clv, 'USD'));
    const score = vi.spyOn(inference, 'score');
    const service = new WhatIfsService(dataSource, inference);
    expect(await service.whatIfs(clvs, () => true)).toEqual([[], []]);
    expect(score).not.toHaveBeenCalled();
    const [, ofOther] = await Promise.all([service.whatIfs(clvs, () => true), service.whatIfs(clvs)]);
    expect(ofOther.map(({ length }) => length > 0)).toEqual([true, true]);
    expect(score).toHaveBeenCalledTimes(1);
  } finally {
    await inference.close();
  }
});
