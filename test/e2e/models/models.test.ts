import { JsonContains, Not } from 'typeorm';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { dayMs, startOfDay } from '../../../src/days.js';
import { DriftReport, ModelArtifact, ModelVersion, Run, type ModelState } from '../../../src/entities/index.js';
import { ClvError } from '../../../src/errors.js';
import { lockErasures } from '../../../src/services/ingestion/live/erasure.js';
import { globalId } from '../../../src/schema/global-id.js';
import { usableServing } from '../../support/usable-serving.js';
import { useTestServer } from '../support/test-server.js';

interface Activated {
  readonly model: {
    readonly __typename: string;
    readonly id?: string;
    readonly state?: string;
    readonly errorCode?: string;
  };
}

const metrics = {
  customers: 50,
  mse: 100,
  rmse: 10,
  mae: 4,
  r2: 0.2,
  spearman: 0.4,
  normalizedGini: 0.7,
  decileMape: 0.2,
  bias: -0.1,
  topDecileShare: 0.5,
  auc: 0.8,
  brier: 0.1,
  coverage80: 0.79,
  coverage95: null,
};

describe('models', () => {
  const server = useTestServer();
  beforeEach(async () => void (await server.database.dataSource.query('truncate model_version, run cascade')));

  async function newModel(state: ModelState = 'CANDIDATE', more: Partial<ModelVersion> = {}): Promise<string> {
    const { manager } = server.database.dataSource;
    const model = manager.create(ModelVersion, {
      base: 'built-in',
      strategy: 'FULL',
      objective: 'ZILN',
      state,
      serving: usableServing,
      ...more,
    });
    const { id } = await manager.save(model);
    if (state !== 'TRAINING') {
      await manager.insert(ModelArtifact, { modelId: id, kind: 'MODEL', sha256: '', content: Buffer.from('weights') });
    }
    return id;
  }

  async function call(mutation: string): Promise<string> {
    const { data } = await server.ask<Activated>(`mutation {
      model: ${mutation} { __typename ... on ModelVersion { id state } ... on ErrorResult { errorCode } }
    }`);
    const { id, state, errorCode } = data.model;
    return errorCode ?? `${String(id)} ${String(state)}`;
  }
  const promote = (id: string) => call(`promoteModel(id: "${globalId('ModelVersion', id)}")`);
  const rollback = () => call('rollbackModel');
  const serves = (id: string) => `${globalId('ModelVersion', id)} ACTIVE`;
  const states = async (...ids: string[]) => {
    const models = await server.services.models.findMany(ids);
    return ids.map((id) => models.find((model) => model.id === id)?.state);
  };

  it('serve one at a time; promoting one retires the other, which keeps when it was promoted', async () => {
    const [first, second] = [await newModel(), await newModel()];
    expect(await promote(first)).toBe(serves(first));
    expect(await promote(second)).toBe(serves(second));
    const [retired] = await server.services.models.findMany([first]);
    expect(retired).toMatchObject({ state: 'RETIRED', promotedAt: expect.any(Date), retiredAt: expect.any(Date) });
    const { data } = await server.ask('{ activeModel { id promotedAt retiredAt } }', { as: 'VIEWER' });
    expect(data['activeModel']).toMatchObject({ id: globalId('ModelVersion', second), retiredAt: null });
    expect(await promote(second)).toBe(serves(second));
  });

  it('go back step by step, never to one that was rolled back', async () => {
    const [a, b, c, d] = [await newModel(), await newModel(), await newModel(), await newModel()];
    // In another order than that in which they were trained.
    for (const id of [b, a, c]) await promote(id);
    expect(await rollback()).toBe(serves(a));
    expect(await states(b, a, c)).toEqual(['RETIRED', 'ACTIVE', 'CANDIDATE']);
    // Neither is retired.
    for (const model of await server.services.models.findMany([a, c])) expect(model.retiredAt).toBeNull();
    await promote(d);
    expect(await rollback()).toBe(serves(a));
    expect(await rollback()).toBe(serves(b));
    expect(await rollback()).toBe('MODEL_NOT_READY');
    expect(await states(b, a, c, d)).toEqual(['ACTIVE', 'CANDIDATE', 'CANDIDATE', 'CANDIDATE']);
  });

  it('go back to the one before, whatever the clocks of the processes say', async () => {
    const [a, b, c] = [await newModel(), await newModel(), await newModel()];
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      for (const id of [a, b]) await promote(id);
      vi.setSystemTime(Date.now() - 3_600_000);
      await promote(c);
    } finally {
      vi.useRealTimers();
    }
    expect(await rollback()).toBe(serves(b));
  });

  it('go back to the one before, though the clock of Postgres was set back', async () => {
    const { manager } = server.database.dataSource;
    const [a, b, c] = [await newModel(), await newModel(), await newModel()];
    for (const id of [a, b]) await promote(id);
    const ahead = new Date(Date.now() + 3_600_000);
    await manager.update(ModelVersion, a, { promotedAt: ahead, retiredAt: ahead });
    await manager.update(ModelVersion, b, { promotedAt: ahead });
    await promote(c);
    expect(await rollback()).toBe(serves(b));
    expect(await rollback()).toBe(serves(a));
  });

  it('give way to a decision that was begun after their promotion, though the clock of Postgres was set back', async () => {
    const [a, b] = [await newModel(), await newModel()];
    await promote(a);
    await server.database.dataSource.manager.update(ModelVersion, a, { promotedAt: new Date(Date.now() + 3_600_000) });
    expect(await server.services.models.promote(b, { decidedAt: new Date() })).toMatchObject({ id: b, state: 'ACTIVE' });
  });

  it('do not serve before they are trained, nor without weights', async () => {
    expect(await promote(await newModel('TRAINING'))).toBe('MODEL_NOT_READY');
    expect(await promote(await newModel('FAILED'))).toBe('MODEL_NOT_READY');
    const bare = await newModel();
    await server.database.dataSource.manager.delete(ModelArtifact, { modelId: bare });
    expect(await promote(bare)).toBe('MODEL_NOT_READY');
    const unfinished = await newModel();
    await server.database.dataSource.manager.update(ModelArtifact, { modelId: unfinished }, { kind: 'CHECKPOINT' });
    expect(await promote(unfinished)).toBe('MODEL_NOT_READY');
    expect(await promote('999')).toBe('NOT_FOUND');
  });

  it('do not serve again where this version of clvgraph cannot use them; the one that serves stays', async () => {
    const { level: _level, ...ofOld } = usableServing;
    const older = await newModel('RETIRED', { serving: ofOld, promotedAt: new Date(), retiredAt: new Date() });
    const active = await newModel('ACTIVE');
    expect(await promote(older)).toBe('MODEL_NOT_READY');
    expect(await rollback()).toBe('MODEL_NOT_READY');
    expect(await states(older, active)).toEqual(['RETIRED', 'ACTIVE']);
    await expect(server.services.models.rollback()).rejects.toThrow(/earlier version/);
  });

  it('that have not scored all customers leave lists by value unanswered, which say so', async () => {
    await newModel('ACTIVE');
    const { errors } = await server.ask('{ customers(orderBy: { field: CLV }) { totalCount } }');
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(
        /the active model has not made yet\. .* promoteModel has just started .* startScoring/,
      ) as string,
      extensions: { code: 'MODEL_NOT_READY' },
    });
  });

  it('stay one when many are promoted at once', async () => {
    const ids = await Promise.all([1, 2, 3, 4, 5, 6].map(() => newModel()));
    const outcomes = await Promise.all(ids.map(promote));
    expect(outcomes).toEqual(ids.map(serves));
    expect((await states(...ids)).filter((state) => state === 'ACTIVE')).toHaveLength(1);
    expect((await states(...ids)).filter((state) => state === 'RETIRED')).toHaveLength(5);
  });

  it('score all customers once promoted, unless they have for the present', async () => {
    const today = new Date(Math.floor(Date.now() / dayMs) * dayMs);
    const scored = await newModel('CANDIDATE', { scoredAsOf: today, scoredHorizonDays: 365 });
    await promote(scored);
    const { manager } = server.database.dataSource;
    expect(await manager.countBy(Run, { kind: 'SCORE' })).toBe(0);
    for (const id of [
      await newModel(),
      await newModel('CANDIDATE', { scoredAsOf: new Date('2026-01-01'), scoredHorizonDays: 365 }),
      await newModel('CANDIDATE', { scoredAsOf: today, scoredHorizonDays: 30 }),
    ]) {
      await promote(id);
      const [run] = await manager.find(Run, { order: { createdAt: 'DESC' } });
      expect(run).toMatchObject({ kind: 'SCORE', input: { modelId: id, horizonDays: 365 } });
      // One that waits or runs already is enough.
      await rollback();
      await promote(id);
      expect(await manager.countBy(Run, { kind: 'SCORE', input: JsonContains({ modelId: id }) })).toBe(1);
    }
  });

  it('score all customers once where one is promoted many times at once', async () => {
    const id = await newModel();
    await Promise.all([1, 2, 3, 4].map(() => promote(id)));
    const { manager } = server.database.dataSource;
    expect(await manager.findBy(Run, { kind: 'SCORE' })).toMatchObject([{ input: { modelId: id } }]);
    // Another one's scoring is none of its own.
    const other = await newModel();
    await Promise.all([1, 2].map(() => promote(other)));
    expect(await manager.countBy(Run, { kind: 'SCORE' })).toBe(2);
  });

  it('serve at once; a run notes whose value lists tell differently, where they have scored', async () => {
    const { dataSource } = server.database;
    const notings = () => dataSource.manager.findBy(Run, { kind: 'NOTE_CHANGES' });
    const [unscored, scored] = [await newModel(), await newModel('CANDIDATE', { scoredAsOf: new Date('2026-01-01') })];
    await promote(unscored);
    expect(await notings()).toEqual([]);
    // What a noting waits for, no promotion does.
    const erasure = dataSource.createQueryRunner();
    await erasure.startTransaction();
    await erasure.query(lockErasures);
    expect(await promote(scored)).toBe(serves(scored));
    expect(await notings()).toMatchObject([{ state: 'PENDING', input: {}, requestedById: expect.any(String) }]);
    expect(await promote(unscored)).toBe(serves(unscored));
    expect(await rollback()).toBe(serves(scored));
    await erasure.rollbackTransaction();
    await erasure.release();
    expect(await notings()).toHaveLength(2);
  });

  it('serve once promoted although they cannot be scored for a date to come', async () => {
    const refusal = new ClvError('BAD_USER_INPUT', 'The as-of date is yet to come.');
    vi.spyOn(server.services.runStarts, 'scoringForPresent').mockRejectedValueOnce(refusal);
    const id = await newModel();
    expect(await promote(id)).toBe(serves(id));
  });

  it('stay as they are where the scoring that a promotion needs cannot be started', async () => {
    const { dataSource } = server.database;
    const [before, after] = [await newModel(), await newModel()];
    await promote(before);
    await dataSource.query('truncate run cascade');
    await dataSource.query('alter table pgboss.job_common rename to out_of_reach');
    try {
      const { data, errors } = await server.ask(
        `mutation { promoteModel(id: "${globalId('ModelVersion', after)}") { __typename } }`,
      );
      expect([data, errors?.[0]?.extensions.code]).toEqual([null, 'INTERNAL']);
    } finally {
      await dataSource.query('alter table pgboss.out_of_reach rename to job_common');
    }
    expect(await states(before, after)).toEqual(['ACTIVE', 'CANDIDATE']);
    expect(await promote(after)).toBe(serves(after));
    expect(await dataSource.manager.findBy(Run, { kind: 'SCORE' })).toMatchObject([{ input: { modelId: after } }]);
  });

  it('are not scored as of the date of a stray order, nor retrained, unless the date is named', async () => {
    const { dataSource } = server.database;
    await dataSource.query(
      `with who as (insert into customer (source, external_id) select 't', n from generate_series(1, 20) n returning id),
         placed as (insert into customer_order (source, external_id, customer_id, placed_at, currency, total)
           select 't', id::text, id, '2022-12-31', 'EUR', 5 from who)
       insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
       select id, date '2022-12-31' - d, 5, 5, 0, 1, 1, 1 from who, generate_series(0, 10) d
       union all select min(id), '2023-08-01', 5, 5, 0, 1, 1, 1 from who`,
    );
    try {
      const id = await newModel('CANDIDATE', { scoredAsOf: new Date('2023-01-01'), scoredHorizonDays: 365 });
      expect(await promote(id)).toBe(serves(id));
      const started = async (mutation: string) => {
        const { data } = await server.ask(
          `mutation { run: ${mutation} { __typename ... on ErrorResult { message } } }`,
        );
        return data['run'];
      };
      const refused = {
        __typename: 'ConflictError',
        message: expect.stringContaining('of 2023-08-01, comes 213 days'),
      };
      expect(await started('startScoring')).toMatchObject(refused);
      expect(await started('startRetrain')).toMatchObject(refused);
      expect(await dataSource.manager.countBy(Run, { kind: Not('NOTE_CHANGES') })).toBe(0);
      expect(await started('startScoring(input: { asOf: "2023-01-01T00:00:00Z" })')).toEqual({ __typename: 'Run' });
      expect(await started('startEvaluation(input: { horizonDays: 5 })')).toEqual({ __typename: 'Run' });
      const [evaluation] = await dataSource.manager.findBy(Run, { kind: 'EVALUATE' });
      expect(evaluation!.input['asOf']).toBe('2022-12-27T00:00:00.000Z');
    } finally {
      await dataSource.query('truncate customer cascade');
    }
  });

  it('are evaluated by days that are over', async () => {
    const { dataSource } = server.database;
    await dataSource.query(
      `with who as (insert into customer (source, external_id) values ('t', 'daily') returning id)
       insert into purchase_day (customer_id, day, net, gross, returned, items, products, orders)
       select id, (now() at time zone 'UTC')::date - d, 5, 5, 0, 1, 1, 1 from who, generate_series(0, 30) d`,
    );
    try {
      await newModel('ACTIVE');
      const { data } = await server.ask<{ run: { input: { asOf: string } } }>(
        'mutation { run: startEvaluation(input: { horizonDays: 7 }) { ... on Run { input } } }',
      );
      expect(Date.parse(data.run.input.asOf)).toBe(startOfDay(new Date()).getTime() - 7 * dayMs);
    } finally {
      await dataSource.query('truncate customer cascade');
    }
  });

  it('are to be retrained where the newest forecast whose horizon is over was far off', async () => {
    const id = await newModel('CANDIDATE', { grade: 'C' });
    const { manager } = server.database.dataSource;
    const report = (asOf: string, realised: object[]) =>
      manager.insert(DriftReport, { modelId: id, asOf: new Date(asOf), horizonDays: 365, drift: {}, realised });
    const entry = (bias: number, horizonDays: number, sawLabels = false) => ({
      horizonDays,
      sawLabels,
      metrics: { bias },
      biasInterval: { lower: bias - 0.1, upper: bias + 0.1 },
    });
    const codes = async () => {
      const { data } = await server.ask<{ models: { edges: { node: { advice: { code: string }[] } }[] } }>(
        '{ models(first: 1) { edges { node { advice { code } } } } }',
      );
      return data.models.edges[0]!.node.advice.map(({ code }) => code);
    };
    await report('2026-01-01', [entry(0.1, 30), entry(0.5, 90)]);
    expect(await codes()).toContain('REALISED_LEVEL_OFF');
    await report('2026-02-01', [entry(1.75, 90, true)]);
    expect(await codes()).toContain('REALISED_LEVEL_OFF');
    await report('2026-03-15', [entry(0.1, 30)]);
    expect(await codes()).not.toContain('REALISED_LEVEL_OFF');
  });

  it('show their metrics beside the prior and the best plain ranking', async () => {
    const validation = {
      asOf: '2026-01-01T00:00:00.000Z',
      horizonDays: 365,
      customers: 50,
      model: metrics,
      prior: { ...metrics, normalizedGini: 0.6 },
      naiveRank: { ...metrics, name: 'total spend', normalizedGini: 0.65 },
      lift: { reference: 'total spend', difference: 0.05, lower: -0.1, upper: 0.2 },
      biasInterval: { lower: -0.3, upper: 0.1 },
      deciles: [{ customers: 5, meanPredicted: 20, meanActual: 22 }],
    };
    const earlier = { ...validation, deciles: undefined };
    const history = [{ epoch: 0, trainingLoss: null, validationLoss: 1.5, seconds: 2 }];
    const precision = { precision: 'INT8', reason: 'because', relativeChange: 0.004 };
    await newModel('CANDIDATE', {
      grade: 'C',
      metrics: { validation, holdout: earlier, history, precision, words: 'EFFECTS' },
    });
    await newModel('TRAINING');
    const { data, errors } = await server.ask(
      `{ models(first: 2) { edges { node {
          grade
          advice { code message }
          history { epoch trainingLoss validationLoss }
          scoring { precision reason relativeChange } words
          metrics {
            validation {
              asOf horizonDays customers
              model { mse rmse mae r2 spearman normalizedGini decileMape bias topDecileShare coverage80 coverage95 auc brier }
              prior { normalizedGini }
              naiveRank { name normalizedGini }
              lift { reference difference lower upper } biasInterval { lower upper }
              deciles { customers meanPredicted meanActual }
            }
            holdout { customers deciles { meanActual } }
          }
      } } } }`,
      { as: 'VIEWER' },
    );
    expect(errors).toBeUndefined();
    const { customers: _customers, ...shown } = metrics;
    expect(data['models']).toEqual({
      edges: [
        {
          node: {
            grade: null,
            advice: [],
            history: [],
            scoring: null,
            words: null,
            metrics: { validation: null, holdout: null },
          },
        },
        {
          node: {
            grade: 'C',
            advice: [{ code: 'TOO_FEW_HELD_OUT', message: expect.stringContaining('50 held-out customers') }],
            history: [{ epoch: 0, trainingLoss: null, validationLoss: 1.5 }],
            scoring: precision,
            words: 'EFFECTS',
            metrics: {
              validation: {
                asOf: validation.asOf,
                horizonDays: 365,
                customers: 50,
                model: shown,
                prior: { normalizedGini: 0.6 },
                naiveRank: { name: 'total spend', normalizedGini: 0.65 },
                lift: validation.lift,
                biasInterval: validation.biasInterval,
                deciles: validation.deciles,
              },
              holdout: { customers: 50, deciles: null },
            },
          },
        },
      ],
    });
  });

  it('are listed page by page, by state where asked', async () => {
    const ids = [await newModel(), await newModel('TRAINING'), await newModel()];
    const page = async (args: string) => {
      const { data } = await server.ask<{
        models: { edges: { node: { id: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
      }>(`{ models(${args}) { edges { node { id } } pageInfo { hasNextPage endCursor } } }`);
      return { ids: data.models.edges.map(({ node }) => node.id), ...data.models.pageInfo };
    };
    const global = (...which: number[]) => which.map((index) => globalId('ModelVersion', ids[index]!));
    const first = await page('first: 2');
    expect(first).toMatchObject({ ids: global(2, 1), hasNextPage: true });
    expect(await page(`first: 2, after: "${first.endCursor}"`)).toMatchObject({ ids: global(0), hasNextPage: false });
    expect(await page('state: CANDIDATE')).toMatchObject({ ids: global(2, 0), hasNextPage: false });
  });
});
