import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { jobLockClass } from '../../src/database/advisory-locks.js';
import { rankAbandoned } from '../../src/jobs/handlers/score.handler.js';
import { openQueue } from '../../src/jobs/open-queue.js';
import type { Queue } from '../../src/jobs/queue.js';
import { startWorker, type Worker } from '../../src/jobs/worker.js';
import { RunsService } from '../../src/services/runs/runs.service.js';
import { testConfig } from '../support/config.js';
import { silent, untilSettled } from '../support/jobs.js';
import { useScoredShop, scoredAsOf, scoredHorizonDays } from '../support/scored-shop.js';

describe('a scoring of the day that lists read', () => {
  const shop = useScoredShop();
  let queue: Queue;
  let worker: Worker;
  let modelId: string;
  /** Whether the run fails by something odd once its shards are done. */
  let fails = false;
  /** What happens once, when somebody begins to put right what the shards have left. */
  let accident: (() => Promise<unknown>) | undefined;
  beforeAll(async () => {
    [{ id: modelId }] = await shop.dataSource.query<[{ id: string }]>(
      `select id from model_version where state = 'ACTIVE'`,
    );
    queue = await openQueue(shop.dataSource, { logger: silent });
    worker = await start();
  });
  afterAll(async () => {
    await worker.stop();
    await queue.close();
  });

  const start = () =>
    startWorker({
      config: testConfig({ DATABASE_URL: shop.url }),
      dataSource: shop.dataSource,
      logger: silent,
      handlers: {
        SCORE: async (_input, { fanOut, progress }) => {
          const period = { modelId, horizonDays: scoredHorizonDays, asOf: scoredAsOf };
          const shard = { firstId: '1', lastId: '1', customers: 1 };
          const done = await fanOut('scoring', [{ period, shard }], progress);
          if (fails) throw new Error('something odd');
          return { done };
        },
      },
      shardHandler: async (_shard, { dataSource, signal }) => {
        // Half of the base gets new values; what is in the model when the run is cancelled is written all the same.
        const half = (parity: number) =>
          dataSource.query('update prediction set expected_value = 1e4 - expected_value where customer_id % 4 = $1', [
            parity,
          ]);
        await half(0);
        if (fails) return {};
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        await sleep(500);
        await half(2);
        throw signal.reason;
      },
      abandonedShardsHandler: async (shards, dataSource) => {
        const happens = accident;
        accident = undefined;
        await happens?.();
        await rankAbandoned(shards, dataSource);
      },
    });

  const misplaced = () =>
    shop.dataSource.query<unknown[]>(
      `select 1 from (
         select percentile, (100 * percent_rank() over (order by expected_value))::real as place from prediction
         where model_id = $1 and horizon_days = $2 and as_of = $3
       ) ranked where percentile is distinct from place`,
      [modelId, scoredHorizonDays, scoredAsOf],
    );

  it('leaves one ranking of all when it is cancelled', async () => {
    const { dataSource } = shop;
    const version = () => dataSource.query('select xmin::text from model_version where id = $1', [modelId]);
    const before: unknown = await version();
    const runs = new RunsService(dataSource, queue, queue.notifications);
    const { id } = await runs.start('SCORE', {});
    while ((await dataSource.query<unknown[]>('select 1 from prediction where expected_value > 5e3')).length === 0) {
      await sleep(50);
    }
    await runs.cancel(id);
    expect(await untilSettled(runs, id)).toMatchObject({ state: 'CANCELLED' });
    expect(await misplaced()).toEqual([]);
    // Whoever remembers percentiles reads them again.
    expect(await version()).not.toEqual(before);
  });

  it('leaves one ranking of all though the disk is full when it is to be ranked', async () => {
    accident = () => Promise.reject(Object.assign(new Error('No space left on device'), { code: '53100' }));
    const runs = new RunsService(shop.dataSource, queue, queue.notifications);
    const { id } = await runs.start('SCORE', {});
    await expect.poll(misplaced, { timeout: 20_000 }).not.toEqual([]);
    await runs.cancel(id);
    expect(await untilSettled(runs, id)).toMatchObject({ state: 'CANCELLED' });
    expect(await misplaced()).toEqual([]);
  });

  it('ends though Postgres never ranks what it leaves, as where it has no memory for that', async () => {
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    using soon = vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout(ms / 200));
    let tries = 0;
    const refused = (): Promise<never> => {
      tries++;
      accident = refused;
      return Promise.reject(Object.assign(new Error('out of memory'), { code: '53200' }));
    };
    accident = refused;
    const runs = new RunsService(shop.dataSource, queue, queue.notifications);
    const { id } = await runs.start('SCORE', {});
    await expect.poll(misplaced, { timeout: 20_000 }).not.toEqual([]);
    await runs.cancel(id);
    await expect.poll(() => runs.get(id), { timeout: 20_000 }).toMatchObject({ state: 'CANCELLED' });
    expect(soon).toHaveBeenCalledWith(600_000);
    expect(tries).toBeGreaterThan(1);
    accident = undefined;
    const period = { modelId, horizonDays: scoredHorizonDays, asOf: scoredAsOf.toISOString() };
    await rankAbandoned([{ period, shard: { firstId: '1', lastId: '1', customers: 1 } }], shop.dataSource);
  });

  it.each(['stays', 'is lost at that'])(
    'cancelled between two attempts, leaves one ranking of all where the worker %s',
    async (what) => {
      fails = true;
      if (what === 'is lost at that') {
        accident = async () => {
          await shop.dataSource.query(
            `select pg_terminate_backend(pid) from pg_locks
             where locktype = 'advisory' and objsubid = 2 and classid = $1 and pid <> pg_backend_pid()
               and database = (select oid from pg_database where datname = current_database())`,
            [jobLockClass],
          );
          await worker.lost;
          await worker.stop().catch(() => undefined);
          worker = await start();
          throw Object.assign(new Error('terminated'), { code: '57P01' });
        };
      }
      const runs = new RunsService(shop.dataSource, queue, queue.notifications);
      const { id } = await runs.start('SCORE', {});
      await expect.poll(() => runs.get(id), { timeout: 20_000 }).toMatchObject({ state: 'PENDING', attempts: 1 });
      expect(await misplaced()).not.toEqual([]);
      expect(await runs.cancel(id)).toMatchObject({ state: 'CANCELLED' });
      await expect.poll(misplaced, { timeout: 20_000 }).toEqual([]);
      expect(await runs.get(id)).toMatchObject({ state: 'CANCELLED', attempts: 1 });
    },
  );
});
