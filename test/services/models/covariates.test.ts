import { describe, expect, it, vi } from 'vitest';
import { preprocessCommand } from '../../../src/cli/preprocess.command.js';
import { ModelVersion, Run, Snapshot } from '../../../src/entities/index.js';
import type { ClvError } from '../../../src/errors.js';
import { retrainHandler } from '../../../src/jobs/handlers/retrain.handler.js';
import { ExplanationsService } from '../../../src/services/explanations/explanations.service.js';
import { type ComparisonReport, runComparison } from '../../../src/services/models/model-comparison.service.js';
import { runPreprocessing } from '../../../src/services/preprocessing/preprocessing.service.js';
import { readSnapshot, sampleRows } from '../../../src/services/preprocessing/snapshots.service.js';
import { planShards } from '../../../src/services/scoring/customer-shards.js';
import { scoreShard } from '../../../src/services/scoring/scoring.service.js';
import { scoredAsOf, scoredHorizonDays } from '../../support/scored-shop.js';
import { config, covariates, hooks, options, useReadingModel } from './reading-model.js';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 400_000 });

describe('a model that reads attributes', () => {
  const shop = useReadingModel();

  it('has a snapshot that keeps their names, tells their values and knows what they change', async () => {
    const snapshot = await readSnapshot(shop.database.dataSource, shop.reading.snapshotId!);
    expect(snapshot.covariates).toEqual(covariates);
    expect(shop.reading.covariates).toEqual(covariates);
    for (const { row } of await sampleRows(shop.database.dataSource, snapshot, 5)) {
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
    const ids = await shop.anyone();
    const alone = await shop.predict(ids);
    expect(alone[0]!.period.modelId).toBe(shop.reading.id);
    const period = { modelId: shop.reading.id, horizonDays: scoredHorizonDays, asOf: scoredAsOf };
    for (const shard of await planShards(shop.database.dataSource, 1_000)) {
      await scoreShard(shop.database.dataSource, shop.models, period, shard, hooks.signal);
    }
    const stored = await shop.database.dataSource.query<{ id: string; hash: string }[]>(
      'select customer_id as id, feature_hash as hash from prediction where model_id = $1 and customer_id = any($2)',
      [shop.reading.id, ids],
    );
    const hashes = new Map(stored.map(({ id, hash }) => [id, hash]));
    expect(hashes.size).toBe(ids.length);
    for (const { customerId, prediction } of alone) expect(prediction!.featureHash).toBe(hashes.get(customerId));
  });

  it('predicts otherwise where a value is another one, and says what it changes', async () => {
    const [id] = await shop.anyone();
    const explained = async () => {
      const served = await shop.predict([id!]);
      const [content] = await new ExplanationsService(shop.database.dataSource, shop.inference).explainServed(served, true);
      return content!;
    };
    const change = (channel: string) =>
      shop.change(`attributes || jsonb_build_object('channel', '${channel}'::text)`, [id!]);
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
      (await runComparison(shop.database.dataSource, shop.models, { modelId, againstId }, hooks)).report as ComparisonReport;
    const ofReading = await versus(shop.reading.id, shop.plain.id);
    // Its own snapshot is gone: the sample is that of the other one, whose narratives tell no attributes.
    await shop.database.dataSource.query('update model_version set snapshot_id = null where id = $1', [shop.reading.id]);
    const ofPlain = await versus(shop.reading.id, shop.plain.id);
    await shop.database.dataSource.query('update model_version set snapshot_id = $2 where id = $1', [
      shop.reading.id,
      shop.reading.snapshotId,
    ]);
    expect(ofPlain.a.normalizedGini).toBeCloseTo(ofReading.a.normalizedGini!, 6);
    expect(ofPlain.b.normalizedGini).toBeCloseTo(ofReading.b.normalizedGini!, 6);
  });

  it('has the attributes of the active model in a retrain', async () => {
    const { dataSource } = shop.database;
    const run = await dataSource.manager.save(
      dataSource.manager.create(Run, { kind: 'RETRAIN', input: {} }),
    );
    const fanOut = async <Result extends object>() => [{ customers: 1 }] as object[] as Result[];
    const result = await retrainHandler(shop.models)({ options }, { run, dataSource, config, ...hooks, fanOut });
    expect(await dataSource.manager.findOneByOrFail(Snapshot, { runId: run.id })).toMatchObject({ covariates });
    expect(await dataSource.manager.findOneByOrFail(ModelVersion, { runId: run.id })).toMatchObject({ covariates });
    expect(result).toMatchObject({ retrained: true });
  });

  it('is not preprocessed for by names that no customer has', async () => {
    const failure = await runPreprocessing(shop.database.dataSource, {
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
      vi.stubEnv('DATABASE_URL', shop.database.url);
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
      const [newest] = await shop.database.dataSource.manager.find(Snapshot, { order: { id: 'DESC' }, take: 1 });
      expect(newest!.covariates).toEqual(covariates);
    });

    it.each([
      ['channel,', 'It must be names with commas between them'],
      ['', 'It must be names with commas between them'],
      ['plan,plan', 'covariates: each attribute only once'],
      ['a,b,c,d,e,f,g,h,i,j,k', 'covariates: must have at most 10 values'],
      ['colour', 'no customer has the attribute "colour"'],
    ])('refuses "%s"', async (names, message) => {
      await expect(run('--covariates', names)).rejects.toThrow(message);
    });
  });
});
