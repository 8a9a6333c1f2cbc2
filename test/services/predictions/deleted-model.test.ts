import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Inference } from '../../../src/services/inference/inference.js';
import { ExplanationsService } from '../../../src/services/explanations/explanations.service.js';
import { WhatIfsService } from '../../../src/services/explanations/what-ifs.service.js';
import { LocalInference } from '../../../src/services/inference/local-inference.js';
import { ModelsService } from '../../../src/services/models/models.service.js';
import { CustomerClv } from '../../../src/services/predictions/customer-clv.js';
import { PredictionsService } from '../../../src/services/predictions/predictions.service.js';
import { testConfig } from '../../support/config.js';
import { useScoredShop } from '../../support/scored-shop.js';

/** Of another period than the scored one, so that predictions are kept. */
const horizonDays = 30;

describe('a page whose model is deleted while it is computed', () => {
  const shop = useScoredShop();
  let inference: LocalInference;
  let models: ModelsService;
  let customerIds: string[];
  const config = testConfig();
  beforeAll(async () => {
    inference = new LocalInference(shop.dataSource, config);
    models = new ModelsService(shop.dataSource);
    const rows = await shop.dataSource.query<{ id: string }[]>(
      'select customer_id as id from prediction order by customer_id limit 6',
    );
    customerIds = rows.map(({ id }) => id);
  });
  afterAll(() => inference.close());

  const activeId = async () => (await models.active())!.id;

  async function copyModel(id: string): Promise<string> {
    const copied = (table: string, condition: string, changes: string) =>
      shop.dataSource.query<{ id: string }[]>(
        `insert into ${table} select altered.* from ${table} t, jsonb_populate_record(t, jsonb_build_object(
           'id', nextval(pg_get_serial_sequence('${table}', 'id')), ${changes})) altered
         where t.${condition} = $1 returning id`,
        [id],
      );
    const [copy] = await copied('model_version', 'id', `'state', 'CANDIDATE'`);
    await copied('model_artifact', 'model_id', `'model_id', ${copy!.id}`);
    return copy!.id;
  }

  /** Another model follows the active one, which is deleted. */
  async function replace(): Promise<void> {
    const old = await activeId();
    await models.promote(await copyModel(old));
    await models.delete(old);
  }

  const inferringWith = (other: Partial<Inference>): Inference => ({
    score: (period, rows) => inference.score(period, rows),
    explain: (period, customers) => inference.explain(period, customers),
    engine: () => inference.engine(),
    close: () => inference.close(),
    ...other,
  });
  const predictingWith = (score: Inference['score']) =>
    new PredictionsService(shop.dataSource, config, inferringWith({ score }));

  it('is answered by the model that follows it', async () => {
    let calls = 0;
    const predictions = predictingWith(async (period, rows) => {
      if (calls++ === 0) await replace();
      return inference.score(period, rows);
    });
    const [served] = await predictions.predict([{ customerId: customerIds[0]!, horizonDays }]);
    expect(served!.period.modelId).toBe(await activeId());
    expect(served!.prediction).not.toBeNull();
    expect(calls).toBe(2);
  });

  it('is answered with what was computed, which is not kept', async () => {
    const old = await activeId();
    const predictions = predictingWith(async (period, rows) => {
      const scored = await inference.score(period, rows);
      await replace();
      return scored;
    });
    const [served] = await predictions.predict([{ customerId: customerIds[1]!, horizonDays }]);
    expect(served).toMatchObject({ period: { modelId: old }, prediction: { expectedValue: expect.any(Number) } });
    expect(await shop.dataSource.query('select 1 from prediction where model_id = $1', [old])).toEqual([]);
  });

  it('is explained all the same, and the explanations are not kept', async () => {
    const served = await predictingWith(inference.score.bind(inference)).predict([
      { customerId: customerIds[2]!, horizonDays },
    ]);
    const old = served[0]!.period.modelId;
    const explanations = new ExplanationsService(
      shop.dataSource,
      inferringWith({
        explain: async (period, customers) => {
          const made = await inference.explain(period, customers);
          await replace();
          return made;
        },
      }),
    );
    expect(await explanations.explainServed(served, true)).toEqual([
      expect.objectContaining({ predicted: expect.any(Number) }),
    ]);
    expect(await shop.dataSource.query('select 1 from explanation where model_id = $1', [old])).toEqual([]);
  });

  it('has neither explanations nor what-ifs of the model that was deleted since, but those of the one that follows', async () => {
    const serve = (customerId: string) =>
      predictingWith(inference.score.bind(inference)).predict([{ customerId, horizonDays }]);
    const [before] = await serve(customerIds[3]!);
    await replace();
    const [after] = await serve(customerIds[4]!);
    const served = [before!, after!];
    const explained = await new ExplanationsService(shop.dataSource, inference).explainServed(served, true);
    expect(explained).toEqual([null, expect.objectContaining({ predicted: expect.any(Number) })]);
    const clvs = served.map((clv) => new CustomerClv(clv, 'USD'));
    const [ofDeleted, ofOther] = await new WhatIfsService(shop.dataSource, inference).whatIfs(clvs);
    expect(ofDeleted).toEqual([]);
    expect(ofOther).not.toEqual([]);
  });
});
