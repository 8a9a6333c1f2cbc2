import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClvChange, ModelVersion, Run } from '../../src/entities/index.js';
import { noteChangesHandler } from '../../src/jobs/handlers/note-changes.handler.js';
import { openQueue } from '../../src/jobs/open-queue.js';
import type { Queue } from '../../src/jobs/queue.js';
import { startWorker, type Worker } from '../../src/jobs/worker.js';
import { ModelPromotion } from '../../src/services/models/model-promotion.service.js';
import { ModelsService } from '../../src/services/models/models.service.js';
import { RunsService } from '../../src/services/runs/runs.service.js';
import { RunStartsService } from '../../src/services/runs/run-starts.service.js';
import { testConfig } from '../support/config.js';
import { silent, untilSettled } from '../support/jobs.js';
import { useScoredShop } from '../support/scored-shop.js';

describe('the changes of a promotion', () => {
  const shop = useScoredShop();
  let queue: Queue;
  let worker: Worker;
  let runs: RunsService;
  let promotion: ModelPromotion;
  let otherId: string;
  let requestedById: string;
  beforeAll(async () => {
    const { dataSource } = shop;
    const config = testConfig({ DATABASE_URL: shop.url });
    // A model that says 1.5 times as much of everybody.
    [{ id: otherId }] = await dataSource.query<[{ id: string }]>(
      `with copied as (
         insert into model_version (base, strategy, objective, state, scored_as_of, scored_horizon_days, serving)
         select base, strategy, objective, 'CANDIDATE', scored_as_of, scored_horizon_days, serving from model_version returning id
       ), artifact as (
         insert into model_artifact (model_id, kind, sha256, content) select id, 'MODEL', '', '' from copied
       ), predicted as (
         insert into prediction select altered.* from prediction p, copied,
           jsonb_populate_record(p, jsonb_build_object('model_id', copied.id, 'expected_value', 1.5 * p.expected_value)) altered
       )
       select id from copied`,
    );
    [{ id: requestedById }] = await dataSource.query<[{ id: string }]>(
      `insert into api_key (name, role, prefix, hash) values ('admin', 'ADMIN', 'p', 'h') returning id`,
    );
    queue = await openQueue(dataSource, { logger: silent });
    const handlers = { NOTE_CHANGES: noteChangesHandler };
    worker = await startWorker({ config, dataSource, logger: silent, handlers });
    runs = new RunsService(dataSource, queue, queue.notifications);
    promotion = new ModelPromotion(new ModelsService(dataSource), new RunStartsService(dataSource, config, runs));
  });
  afterAll(async () => {
    await worker.stop();
    await queue.close();
  });

  it('have a run, or there is no promotion', async () => {
    const { dataSource } = shop;
    await dataSource.query('alter table pgboss.job_common rename to out_of_reach');
    await expect(promotion.promote(otherId, requestedById)).rejects.toThrow('job_common');
    await dataSource.query('alter table pgboss.out_of_reach rename to job_common');
    expect(await dataSource.manager.findOneByOrFail(ModelVersion, { id: otherId })).toMatchObject({
      state: 'CANDIDATE',
    });
    expect(await dataSource.manager.countBy(Run, { kind: 'NOTE_CHANGES' })).toBe(0);
  });

  it('are those of the last one, where that comes while an earlier one’s are noted', async () => {
    const { dataSource } = shop;
    const { manager } = dataSource;
    const before = await manager.findOneOrFail(ClvChange, {
      where: { tier: 'PLATINUM' },
      order: { customerId: 'ASC' },
    });
    const reader = dataSource.createQueryRunner();
    await reader.startTransaction();
    await reader.query('select from clv_change where customer_id = $1 for update', [before.customerId]);
    await promotion.promote(otherId, requestedById);
    const [first] = (await manager.findBy(Run, { kind: 'NOTE_CHANGES' })) as [Run];
    for await (const { phase } of runs.watch(first.id)) if (phase === 'noting changes of values') break;
    const { id: modelId } = await promotion.rollback(requestedById);
    await reader.rollbackTransaction();
    await reader.release();
    const [, second] = await manager.find(Run, { where: { kind: 'NOTE_CHANGES' }, order: { createdAt: 'ASC' } });
    expect(await untilSettled(runs, first.id)).toMatchObject({ state: 'COMPLETED', result: { modelId: otherId } });
    expect(await untilSettled(runs, second!.id)).toMatchObject({ state: 'COMPLETED', result: { modelId } });
    const after = await manager.findOneByOrFail(ClvChange, { customerId: before.customerId });
    expect(after.value).toBe(before.value);
    expect(after.previousValue).toBeCloseTo(1.5 * before.value, 8);
    const listedOtherwise = await dataSource.query<unknown[]>(
      `select from prediction p join clv_change v using (customer_id)
       where model_id = $1 and abs(p.expected_value - v.value) > 0.05 * v.value and v.value > 100`,
      [modelId],
    );
    expect(listedOtherwise).toEqual([]);
  });
});
