import { afterEach, describe, expect, it, vi } from 'vitest';
import { dayMs } from '../../../src/days.js';
import { ExplanationsService } from '../../../src/services/explanations/explanations.service.js';
import { WhatIfsService } from '../../../src/services/explanations/what-ifs.service.js';
import { LocalInference } from '../../../src/services/inference/local-inference.js';
import { CustomerClv } from '../../../src/services/predictions/customer-clv.js';
import { PredictionsService } from '../../../src/services/predictions/predictions.service.js';
import { PriorModels } from '../../../src/services/predictions/prior-models.js';
import { testConfig } from '../../support/config.js';
import { useTestShop } from '../../support/shop.js';

const asOf = new Date('2026-01-01T00:00:00Z');

describe('the prior of a shop without a model', () => {
  const shop = useTestShop();
  afterEach(() => vi.useRealTimers());

  async function buy(customer: string, ...days: string[]): Promise<void> {
    const id = await shop.customer(customer);
    for (const at of days) await shop.order({ customer: id, at, total: 40 });
    await shop.refresh();
  }

  it('is fitted anew soon after purchases came in, by those who ask together once', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const models = new PriorModels(shop.dataSource);
    const priorNow = async () => (await models.at(asOf, 365)).bundle.prior;
    await buy('one', '2025-06-01');
    const query = vi.spyOn(shop.dataSource, 'query');
    const [first, same] = await Promise.all([priorNow(), priorNow()]);
    const statements = query.mock.calls.length;
    expect(same).toBe(first);
    expect(await priorNow()).toBe(first);
    expect(query).toHaveBeenCalledTimes(statements);
    query.mockRestore();
    await buy('two', '2025-06-01', '2025-08-01', '2025-10-01', '2025-12-01');
    // Of a shop that takes no time to fit; ten minutes is the most for any.
    vi.advanceTimersByTime(1_000);
    expect(await priorNow()).not.toEqual(first);
  });

  it('is what all values go by, also those that were told by the one before', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const config = testConfig({ CLVGRAPH_AS_OF: '2026-01-01' });
    const inference = new LocalInference(shop.dataSource, config);
    const service = () => new PredictionsService(shop.dataSource, config, inference);
    const predictions = service();
    await buy('three', '2025-06-01');
    const [customer] = await shop.dataSource.query<[{ id: string; version: string }]>(
      `select id, facts_changed_at::text as version from customer where external_id = 'three'`,
    );
    const ask = async (asked: PredictionsService) => {
      const request = { customerId: customer.id, horizonDays: 365, factsVersion: customer.version };
      return (await asked.predict([request]))[0]!.prediction!.expectedValue;
    };
    const before = await ask(predictions);
    await buy('four', '2025-02-01', '2025-04-01', '2025-06-01', '2025-08-01', '2025-10-01', '2025-12-01');
    vi.advanceTimersByTime(600_001);
    const now = await ask(service());
    expect(now).not.toBe(before);
    expect(await ask(predictions)).toBe(now);
    await inference.close();
  });

  it('that told a value tells its what-ifs and explains it, though it be fitted anew meanwhile', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { dataSource } = shop;
    const config = testConfig({ CLVGRAPH_AS_OF: '2026-01-01' });
    const inference = new LocalInference(dataSource, config);
    await buy('five', '2025-03-01', '2025-06-01', '2025-09-01');
    const [{ id: customerId }] = await dataSource.query<[{ id: string }]>(
      `select id from customer where external_id = 'five'`,
    );
    const served = await new PredictionsService(dataSource, config, inference).predict([
      { customerId, horizonDays: 365 },
    ]);
    const clv = new CustomerClv(served[0]!, 'EUR');
    const whatIfs = () => new WhatIfsService(dataSource, inference).whatIfs([clv]);
    const told = await whatIfs();
    await buy('six', '2025-02-01', '2025-04-01', '2025-06-01', '2025-08-01', '2025-10-01', '2025-12-01');
    vi.advanceTimersByTime(600_001);
    expect(await whatIfs()).toEqual(told);
    const [explanation] = await new ExplanationsService(dataSource, inference).explainServed(served, false);
    expect(explanation!.residual).toBeCloseTo(0, 1);
    await inference.close();
  });

  it('expects of purchases what returns on later days leave of them', async () => {
    const models = new PriorModels(shop.dataSource);
    for (let i = 0; i < 60; i++) {
      const customer = await shop.customer(`r${i}`);
      for (let k = 0; k <= i % 4; k++) {
        const bought = new Date(Date.UTC(2025, 0, 1 + i + 60 * k));
        await shop.order({ customer, at: bought.toISOString(), total: 100 });
        if (i % 3 > 0) continue;
        const returned = new Date(bought.getTime() + 10 * dayMs);
        await shop.order({ customer, at: returned.toISOString(), total: -90 });
      }
    }
    await shop.refresh();
    const { level } = (await models.at(asOf, 365)).bundle;
    expect(Math.exp(level.calibration)).toBeCloseTo(0.7, 1);
    const { level: before } = (await models.at(new Date('2025-01-05T00:00:00Z'), 365)).bundle;
    expect(before.calibration).toBe(0);
  });
});
