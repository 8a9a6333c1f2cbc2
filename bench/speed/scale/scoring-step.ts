import { availableParallelism } from 'node:os';
import pino from 'pino';
import type { DataSource } from 'typeorm';
import { openQueue } from '../../../src/jobs/open-queue.js';
import { shardQueue } from '../../../src/jobs/queued-job.js';
import { superviseWorkers } from '../../../src/jobs/supervisor.js';
import { RunsService } from '../../../src/services/runs/runs.service.js';
import { measured, PhaseTimes } from './measuring.js';
import { spreadOf } from '../results.js';
import { horizonDays } from './model-steps.js';
import { Pipeline } from './pipeline.js';
import type { PipelineResult, ScoringResult } from './scale-results.js';
import { shopEnd } from './shop.js';
import { withoutWords, withWords } from './words.js';

/** SCORE runs by so many worker processes: with the active model encoding words, and not. */
export function measureScoring(dataSource: DataSource, url: string, workers: number): Promise<ScoringResult[]> {
  const run = () => measureRun(dataSource, url, workers);
  return withWords(dataSource, url, async () => {
    await using pipeline = await Pipeline.open(dataSource, url);
    const withThem = await besidePipeline(pipeline, run);
    const numbersAlone = await besidePipeline(pipeline, () => withoutWords(dataSource, run));
    return [
      { ...numbersAlone, words: false },
      { ...withThem, words: true, precision: pipeline.precision },
    ];
  });
}

/** Times that the Pipeline is measured before our side, and again after it. */
const pipelineRounds = 3;

async function besidePipeline<T>(
  pipeline: Pipeline,
  work: () => Promise<T>,
): Promise<T & { readonly pipeline: PipelineResult }> {
  const rates: number[] = [];
  const measure = async (): Promise<void> => {
    for (let round = 0; round < pipelineRounds; round++) rates.push(await pipeline.rate());
  };
  await measure();
  const result = await work();
  await measure();
  return { ...result, pipeline: { customersPerSecond: spreadOf(rates), tokens: pipeline.tokens } };
}

/** A SCORE run by so many worker processes, each with its share of the cores; and who was scored by it. */
async function measureRun(
  dataSource: DataSource,
  url: string,
  workers: number,
): Promise<Omit<ScoringResult, 'words' | 'precision' | 'pipeline'>> {
  const logger = pino({ level: 'warn' });
  await dataSource.query('truncate prediction');
  const queue = await openQueue(dataSource, { logger });
  const runs = new RunsService(dataSource, queue, queue.notifications);
  const threads = String(Math.max(1, Math.floor(availableParallelism() / workers)));
  const supervisor = superviseWorkers({
    count: workers,
    logger,
    environment: { DATABASE_URL: url, CLVGRAPH_DEVICE: 'cpu', CLVGRAPH_THREADS: threads, CLVGRAPH_LOG_LEVEL: 'warn' },
  });
  try {
    await supervisor.ready;
    const progress = new PhaseTimes(`score, ${workers} workers`);
    const { result: id, ...timed } = await measured(async () => {
      const run = await runs.start('SCORE', { asOf: shopEnd.toISOString(), horizonDays });
      for await (const { phase, progress: done, state, error } of runs.watch(run.id)) {
        progress.report(phase, done);
        if (state === 'FAILED') throw new Error(JSON.stringify(error));
      }
      return run.id;
    });
    const [counts] = await dataSource.query<
      [Pick<ScoringResult, 'customers' | 'missed' | 'surplus' | 'repeatedShards'>]
    >(
      `with due as (select customer_id from customer_summary where first_day < $1::date)
       select (select count(*) from prediction)::int as customers,
         (select count(*) from due d where not exists (
           select from prediction p where p.customer_id = d.customer_id))::int as missed,
         (select count(*) from prediction p where not exists (
           select from due d where d.customer_id = p.customer_id))::int as surplus,
         (select count(*) from pgboss.job where name = $2 and data->>'runId' = $3 and retry_count > 0)::int
           as "repeatedShards"`,
      [shopEnd.toISOString(), shardQueue, id],
    );
    const { seconds, load } = timed;
    return { seconds, load, workers, ...counts, customersPerSecond: counts.customers / seconds };
  } finally {
    await supervisor.stop();
    await queue.close();
  }
}
