import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { preprocessCommand } from '../../../src/cli/preprocess.command.js';
import { loadConfig } from '../../../src/config.js';
import { ModelVersion, Run, Snapshot } from '../../../src/entities/index.js';
import type { ClvError } from '../../../src/errors.js';
import { retrainHandler } from '../../../src/jobs/handlers/retrain.handler.js';
import { silentProgress } from '../../../src/progress.js';
import { ExplanationsService } from '../../../src/services/explanations/explanations.service.js';
import { runFineTuning } from '../../../src/services/fine-tuning/fine-tuning.service.js';
import { LocalInference } from '../../../src/services/inference/local-inference.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { type ComparisonReport, runComparison } from '../../../src/services/models/model-comparison.service.js';
import { ModelsService } from '../../../src/services/models/models.service.js';
import { PredictionsService } from '../../../src/services/predictions/predictions.service.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { readSnapshot, sampleRows } from '../../../src/services/preprocessing/snapshots.service.js';
import { planShards } from '../../../src/services/scoring/customer-shards.js';
import { scoreShard } from '../../../src/services/scoring/scoring.service.js';
import type { TestDatabase } from '../../support/database.js';
import { createScoredShop, scoredAsOf, scoredHorizonDays } from '../../support/scored-shop.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 400_000 });

const { config } = loadConfig(
  { CLVGRAPH_DEVICE: 'cpu', CLVGRAPH_THREADS: '1', CLVGRAPH_AS_OF: '2025-07-01' },
  '/nonexistent',
);
const { signal } = new AbortController();
const hooks = { progress: silentProgress, signal };
const options = { maxTrainingRows: 400 };
const covariates = ['channel', 'plan'];

describe('a model that reads attributes', () => {
  let shop: TestDatabase;
  let models: ModelLoader;
  let inference: LocalInference;
  let plain: ModelVersion;
  let reading: ModelVersion;
  beforeAll(async () => {
    shop = await createScoredShop();
    const { dataSource } = shop;
    models = new ModelLoader(dataSource, config);
    inference = new LocalInference(dataSource, config);
    // Whoever buys often has come by e-mail.
    await dataSource.query(
      `update customer c set attributes = jsonb_build_object('channel',
           case when s.occasions > 3 then 'email' else 'shop' end, 'plan', c.id % 2 = 0)
       from customer_summary s where s.customer_id = c.id`,
    );
    plain = await dataSource.manager.findOneByOrFail(ModelVersion, { state: 'ACTIVE' });
    const request = { asOf: scoredAsOf, horizonDays: scoredHorizonDays, covariates, options };
    const { snapshotId } = await runPreprocessing(dataSource, request);
    const tuning = { snapshotId, epochs: 1, batchSize: 32 };
    const { modelId } = await runFineTuning(dataSource, models, tuning, { config, ...hooks, runId: randomUUID() });
    // So little training may not beat the prior, but the model is to be asked all the same.
    await dataSource.query(`update model_version set serving = serving || '{"priorOnly": null}'`);
    await new ModelsService(dataSource).promote(modelId);
    reading = await dataSource.manager.findOneByOrFail(ModelVersion, { id: modelId });
  });
  afterAll(async () => {
    await inference.close();
    await models.close();
    await shop[Symbol.asyncDispose]();
  });

  const anyone = async (): Promise<string[]> => {
    const rows = await shop.dataSource.query<{ id: string }[]>(
      'select customer_id as id from customer_summary where occasions > 3 order by 1 limit 5',
    );
    return rows.map(({ id }) => id);
  };
  const predictions = () => new PredictionsService(shop.dataSource, config, inference);
  const predict = async (ids: readonly string[]) =>
    predictions().predict(ids.map((customerId) => ({ customerId, horizonDays: scoredHorizonDays })));

  it('has a snapshot that keeps their names, tells their values and knows what they change', async () => {
    const snapshot = await readSnapshot(shop.dataSource, reading.snapshotId!);
    expect(snapshot.covariates).toEqual(covariates);
    expect(reading.covariates).toEqual(covariates);
    for (const { row } of await sampleRows(shop.dataSource, snapshot.id, 5)) {
      const told = row.narrative.filter(({ group }) => group === 'covariates').map(({ text }) => text);
      expect(told).toEqual([
        expect.stringMatching(/^channel (email|shop)[.]$/),
        expect.stringMatching(/^plan (yes|no)[.]$/),
      ]);
    }
    const { channel, plan } = snapshot.prior.covariates!;
    expect(channel!['channel email.']!.pace).toBeGreaterThan(channel!['channel shop.']!.pace + 0.3);
    expect(plan!['plan yes.']!.pace).toBeCloseTo(plan!['plan no.']!.pace, 1);
    // Each window's prior knows what came before it only, and reads attributes all the same.
    for (const { prior } of snapshot.windows) expect(Object.keys(prior.covariates!).sort()).toEqual(covariates);
  });

  it('predicts a customer alone as it does in a scoring of the base', async () => {
    const ids = await anyone();
    const alone = await predict(ids);
    expect(alone[0]!.period.modelId).toBe(reading.id);
    const period = { modelId: reading.id, horizonDays: scoredHorizonDays, asOf: scoredAsOf };
    for (const shard of await planShards(shop.dataSource, 1_000)) {
      await scoreShard(shop.dataSource, models, period, shard, hooks);
    }
    const stored = await shop.dataSource.query<{ id: string; hash: string }[]>(
      'select customer_id as id, feature_hash as hash from prediction where model_id = $1 and customer_id = any($2)',
      [reading.id, ids],
    );
    const hashes = new Map(stored.map(({ id, hash }) => [id, hash]));
    expect(hashes.size).toBe(ids.length);
    for (const { customerId, prediction } of alone) expect(prediction!.featureHash).toBe(hashes.get(customerId));
  });

  it('predicts otherwise where a value is another one, and says what it changes', async () => {
    const [id] = await anyone();
    const explained = async () => {
      const served = await predict([id!]);
      const [content] = await new ExplanationsService(shop.dataSource, inference).explainServed(served, true);
      return content!;
    };
    const change = (channel: string) =>
      shop.dataSource.query(
        `update customer set attributes = attributes || jsonb_build_object('channel', $2::text),
           facts_changed_at = clock_timestamp() where id = $1`,
        [id, channel],
      );
    const before = await explained();
    const named = before.contributions.find(({ group }) => group === 'covariates')!;
    expect(named).toMatchObject({
      label: 'Customer attributes',
      value: expect.stringMatching(/^channel email, plan (yes|no)$/),
    });
    const total = before.contributions.reduce((sum, { amount }) => sum + amount, before.baseline + before.residual);
    expect(total).toBeCloseTo(before.predicted, 2);
    await change('shop');
    const after = await explained();
    expect(after.predicted).not.toBe(before.predicted);
    expect(after.contributions.find(({ group }) => group === 'covariates')!.value).toMatch(/^channel shop/);
    await change('email');
    expect((await explained()).predicted).toBe(before.predicted);
  });

  it('is compared with one that reads none, each by what it reads', async () => {
    const versus = async (modelId: string, againstId: string) =>
      (await runComparison(shop.dataSource, models, { modelId, againstId }, hooks)).report as object as ComparisonReport;
    const ofReading = await versus(reading.id, plain.id);
    // Its own snapshot is gone: the sample is that of the other one, whose narratives tell no attributes.
    await shop.dataSource.query('update model_version set snapshot_id = null where id = $1', [reading.id]);
    const ofPlain = await versus(reading.id, plain.id);
    await shop.dataSource.query('update model_version set snapshot_id = $2 where id = $1', [
      reading.id,
      reading.snapshotId,
    ]);
    expect(ofPlain.a.normalizedGini).toBeCloseTo(ofReading.a.normalizedGini!, 6);
    expect(ofPlain.b.normalizedGini).toBeCloseTo(ofReading.b.normalizedGini!, 6);
  });

  it('has the attributes of the active model in a retrain', async () => {
    const { dataSource } = shop;
    const run = await dataSource.manager.save(
      dataSource.manager.create(Run, { kind: 'RETRAIN', input: {} }),
    );
    const fanOut = async <Result extends object>() => [{ customers: 1 }] as object[] as Result[];
    const result = await retrainHandler(models)({ options }, { run, dataSource, config, ...hooks, fanOut });
    expect(await dataSource.manager.findOneByOrFail(Snapshot, { runId: run.id })).toMatchObject({ covariates });
    expect(await dataSource.manager.findOneByOrFail(ModelVersion, { runId: run.id })).toMatchObject({ covariates });
    expect(result).toMatchObject({ retrained: true });
  });

  it('is not preprocessed for by names that no customer has', async () => {
    const failure = await runPreprocessing(shop.dataSource, {
      asOf: scoredAsOf,
      horizonDays: 90,
      covariates: ['plan', 'colour', 'size'],
    }).catch((error: ClvError) => error);
    expect(failure).toMatchObject({
      code: 'BAD_USER_INPUT',
      message:
        'covariates: no customer has the attribute "colour", "size". There are "channel", "plan".',
    });
  });

  describe('on the command line', () => {
    const run = (...args: string[]) => {
      vi.stubEnv('DATABASE_URL', shop.url);
      vi.spyOn(console, 'log').mockImplementation(() => undefined);
      return preprocessCommand()
        .exitOverride()
        .configureOutput({ writeErr: () => undefined })
        .parseAsync(args, { from: 'user' })
        .finally(() => {
          vi.unstubAllEnvs();
          vi.restoreAllMocks();
        });
    };

    it('is named with commas', async () => {
      await run('--as-of', '2025-07-01', '--max-training-rows', '100', '--covariates', 'channel, plan');
      const [newest] = await shop.dataSource.manager.find(Snapshot, { order: { id: 'DESC' }, take: 1 });
      expect(newest!.covariates).toEqual(covariates);
    });

    it.each([
      ['channel,', 'It must be names with commas between them'],
      ['', 'It must be names with commas between them'],
      ['plan,plan', 'covariates: each attribute only once'],
      ['a,b,c,d,e,f,g,h,i,j,k', 'covariates: Too big: expected array to have <=10 items'],
      ['colour', 'no customer has the attribute "colour"'],
    ])('refuses "%s"', async (names, message) => {
      await expect(run('--covariates', names)).rejects.toThrow(message);
    });
  });
});
