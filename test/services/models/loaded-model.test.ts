import { setImmediate } from 'node:timers/promises';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { deserialiseModel, serialiseModel } from '../../../src/ml/model/serialise.js';
import { Predictor } from '../../../src/ml/scoring/predictor.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { loadArtifact, saveArtifact } from '../../../src/services/models/model-artifacts.service.js';
import { planShards } from '../../../src/services/scoring/customer-shards.js';
import { scoreShard } from '../../../src/services/scoring/scoring.service.js';
import { testConfig } from '../../support/config.js';
import { scoredAsOf, scoredHorizonDays, useScoredShop } from '../../support/scored-shop.js';
import { untilWaitingFor } from '../../support/waiting.js';

describe('models in memory', () => {
  const database = useScoredShop();
  let ids: string[];
  beforeAll(async () => {
    const { dataSource } = database;
    const [{ id }] = await dataSource.query<[{ id: string }]>('select id from model_version');
    const copies = await dataSource.query<{ id: string }[]>(
      `insert into model_version (base, strategy, objective, state, serving)
       select base, strategy, objective, 'CANDIDATE', serving from model_version, generate_series(1, 2) returning id`,
    );
    await dataSource.query(
      `insert into model_artifact (model_id, kind, part, content, sha256)
       select c, kind, part, content, sha256 from model_artifact, unnest($1::bigint[]) c where kind = 'MODEL'`,
      [copies.map((copy) => copy.id)],
    );
    ids = [id, ...copies.map((copy) => copy.id)];
  });

  const newLoader = () =>
    new ModelLoader(
      database.dataSource,
      testConfig(),
    );

  it('are freed when they are neither kept nor held any more, and not before', async () => {
    const freed = vi.spyOn(Predictor.prototype, 'dispose');
    const models = newLoader();
    const [first, again] = [await models.byId(ids[0]!), await models.byId(ids[0]!)];
    expect(again.predictor).toBe(first.predictor);
    for (const id of ids.slice(1)) await (await models.byId(id))[Symbol.asyncDispose]();
    await first[Symbol.asyncDispose]();
    // One holder counts once, however often it lets go.
    await first[Symbol.asyncDispose]();
    expect(freed).not.toHaveBeenCalled();
    await again[Symbol.asyncDispose]();
    expect(freed.mock.contexts).toEqual([first.predictor]);
    await models.close();
    expect(freed).toHaveBeenCalledTimes(3);
    freed.mockRestore();
  });

  it('are held as long as a shard is scored, whichever others are loaded meanwhile', async () => {
    const { dataSource } = database;
    const models = newLoader();
    const byId = models.byId.bind(models);
    vi.spyOn(models, 'byId').mockImplementationOnce(async (id) => {
      const model = await byId(id);
      for (const other of ids.slice(1)) await (await byId(other))[Symbol.asyncDispose]();
      return model;
    });
    const [shard] = await planShards(dataSource, 1_000);
    const period = { modelId: ids[0]!, horizonDays: scoredHorizonDays, asOf: scoredAsOf };
    const { signal } = new AbortController();
    expect(await scoreShard(dataSource, models, period, shard!, signal)).toBeGreaterThan(0);
    await models.close();
  });

  it('that cannot be freed do not stop the process', async () => {
    const freed = vi.spyOn(Predictor.prototype, 'dispose').mockRejectedValueOnce(new Error('the device is lost'));
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const models = newLoader();
    for (const id of ids) await (await models.byId(id))[Symbol.asyncDispose]();
    await setImmediate();
    process.off('unhandledRejection', unhandled);
    expect(freed).toHaveBeenCalledOnce();
    expect(unhandled).not.toHaveBeenCalled();
    freed.mockRestore();
    await models.close();
  });

  it('are loaded anew after a failure', async () => {
    const models = newLoader();
    const { dataSource } = database;
    await dataSource.query(`update model_artifact set kind = 'CHECKPOINT' where model_id = $1`, [ids[2]]);
    await expect(models.byId(ids[2]!)).rejects.toMatchObject({ code: 'MODEL_NOT_READY' });
    await dataSource.query(`update model_artifact set kind = 'MODEL' where model_id = $1`, [ids[2]]);
    await expect(models.byId(ids[2]!)).resolves.toMatchObject({ version: { id: ids[2] } });
    await models.close();
  });

  it.each([
    ['order values', 'logNormal', { typical: 40, level: 0.8, between: 0.2, within: 0.3, firstWeight: 0.5 }, { typical: 'forty' }],
    ['regular customers', 'rhythm', [0.5, 0, 0, 0, 0, 0.5, 0, 0], [0.5, 0.5]],
  ])('serve with whatever their prior expects of %s, if it can be read', async (_, part, readable, unreadable) => {
    const models = newLoader();
    const { dataSource } = database;
    const withPart = (value: object) =>
      dataSource.query(`update model_version set serving = jsonb_set(serving, array['prior', $3], $2) where id = $1`, [
        ids[1],
        JSON.stringify(value),
        part,
      ]);
    const [{ serving } = { serving: {} }] = await dataSource.query<{ serving: object }[]>(
      'select serving from model_version where id = $1',
      [ids[1]],
    );
    await withPart(readable);
    await expect(models.byId(ids[1]!)).resolves.toMatchObject({ version: { serving: { prior: { [part]: readable } } } });
    await withPart(unreadable);
    const anew = newLoader();
    await expect(anew.byId(ids[1]!)).rejects.toMatchObject({ code: 'MODEL_NOT_READY' });
    await dataSource.query('update model_version set serving = $2 where id = $1', [ids[1], JSON.stringify(serving)]);
    await Promise.all([models.close(), anew.close()]);
  });

  it('need an engine: where it could not be started, the next use tries again, and all can be closed', async () => {
    const config = testConfig({ CLVGRAPH_ENGINE: 'tensorflow', CLVGRAPH_DEVICE: 'webgpu' });
    const models = new ModelLoader(database.dataSource, config);
    const failed = models.getEngine();
    await expect(failed).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    const retried = models.getEngine();
    expect(retried).not.toBe(failed);
    await Promise.all([expect(retried).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' }), models.close()]);
  });

  it('of an earlier version say so, and what to do; others wait for their training', async () => {
    const models = newLoader();
    const { dataSource } = database;
    const failureAs = async (state: string, serving: string) => {
      await dataSource.query(`update model_version set state = $2, serving = ${serving} where id = $1`, [ids[1], state]);
      return models.byId(ids[1]!);
    };
    const complete = `(select serving from model_version where id = ${ids[0]})`;
    const lacking = [
      ['CANDIDATE', 'level'],
      ['RETIRED', 'level'],
      ['CANDIDATE', 'level,shortestDays'],
      ['CANDIDATE', 'level,today'],
      ['CANDIDATE', 'format'],
    ] as const;
    for (const [state, path] of lacking) {
      await expect(failureAs(state, `${complete} #- '{${path}}'`)).rejects.toMatchObject({
        code: 'MODEL_NOT_READY',
        message: expect.stringMatching(/made by an earlier version.*startRetrain/) as string,
      });
    }
    await expect(failureAs('TRAINING', `'{}'`)).rejects.toThrow('Wait for its fine-tune run');
    const withFeatures = (path: string, value: string) =>
      `jsonb_set(${complete}, '{scaler,features${path}}', '${value}')`;
    for (const serving of [withFeatures(',0,name', '"of old"'), withFeatures('', '[]')]) {
      await expect(failureAs('CANDIDATE', serving)).rejects.toThrow('made by an earlier version');
    }
    await models.close();
  });

  it('of an earlier version are so, too, where it took a tokenizer that this one does not', async () => {
    const models = newLoader();
    const { manager } = database.dataSource;
    const id = ids[2]!;
    const { tokenizer: files, ...model } = deserialiseModel((await loadArtifact(manager, id, 'MODEL'))!);
    const leavesOut = { type: 'Punctuation', behavior: 'Removed' };
    const tokenizer = JSON.stringify({ ...(JSON.parse(files.tokenizer) as object), pre_tokenizer: leavesOut });
    await saveArtifact(manager, id, 'MODEL', serialiseModel({ ...model, tokenizer: { ...files, tokenizer } }));
    await expect(models.byId(id)).rejects.toMatchObject({ code: 'MODEL_NOT_READY' });
    await models.close();
  });

  it('are not there if they are deleted while they are read, rather than unusable', async () => {
    const { dataSource } = database;
    const models = newLoader();
    const deleted = ids.at(-1)!;
    let reading: Promise<unknown> | undefined;
    await dataSource.transaction(async (manager) => {
      await manager.query('lock table model_artifact in access exclusive mode');
      reading = models.byId(deleted).catch((error: unknown) => error);
      await untilWaitingFor(dataSource, 'model_artifact');
      await manager.query('delete from model_version where id = $1', [deleted]);
    });
    expect(await reading).toMatchObject({ code: 'NOT_FOUND' });
    await models.close();
  });
});
