import { beforeEach, describe, expect, it } from 'vitest';
import { DriftReport, ModelComparison, ModelVersion, Run } from '../../../src/entities/index.js';
import { distributionMetrics } from '../../../src/ml/training/evaluation.js';
import { compareModels } from '../../../src/ml/training/comparison.js';
import { silentProgress } from '../../../src/progress.js';
import { globalId } from '../../../src/schema/global-id.js';
import { measureOf } from '../../../src/services/retraining/drift-measure.js';
import type { ComparisonReport } from '../../../src/services/models/model-comparison.service.js';
import type { RealisedMetrics } from '../../../src/services/retraining/realised-metrics.js';
import { useTestServer } from '../support/test-server.js';

const asOf = new Date('2026-01-01T00:00:00Z');
const actual = Array.from({ length: 40 }, (_, i) => (i % 2 ? i * 10 : 0));
const predictions = (expectedValue: readonly number[]) => ({
  expectedValue,
  distribution: expectedValue.map((value) => ({ logit: 0, mu: Math.log(value + 1), sigma: 1 })),
});
const good = predictions(actual.map((value) => value + 1));
const bad = predictions(actual.map((_, i) => 400 - i * 10));
const context = { progress: silentProgress, signal: new AbortController().signal };

describe('the operation of models', () => {
  const server = useTestServer();
  let models: [string, string];
  beforeEach(async () => {
    const { dataSource } = server.database;
    await dataSource.query('truncate model_version, run cascade');
    const model = () => ({ base: 'built-in', strategy: 'FULL', objective: 'ZILN' }) as const;
    const saved = await dataSource.manager.save([
      dataSource.manager.create(ModelVersion, { ...model(), state: 'CANDIDATE', grade: 'A' }),
      dataSource.manager.create(ModelVersion, { ...model(), state: 'ACTIVE', grade: 'C' }),
    ]);
    models = [saved[0]!.id, saved[1]!.id];
  });
  const ids = () => ({ a: globalId('ModelVersion', models[0]), b: globalId('ModelVersion', models[1]) });

  describe('comparison', () => {
    const query = `query($a: ID!, $b: ID!) { comparison: modelComparison(a: $a, b: $b) {
      a { id number } b { id number } asOf horizonDays customers heldOutOnly verdict sentence createdAt
      metricsOfA { normalizedGini } metricsOfB { normalizedGini coverage80 }
      differences { metric a b difference lower upper better }
      warnings { code modelId message }
    } }`;

    async function keepComparison(): Promise<ComparisonReport> {
      const names = { a: 'Model 2', b: 'model 1' };
      const report: ComparisonReport = {
        ...(await compareModels({ actual, a: good, b: bad, names }, context)),
        asOf: asOf.toISOString(),
        horizonDays: 180,
        heldOutOnly: true,
        warnings: [{ code: 'TRAINED_ON_WINDOW', modelId: models[0], message: 'It has seen this.' }],
      };
      const { manager } = server.database.dataSource;
      await manager.save(
        manager.create(ModelComparison, { modelId: models[0], againstId: models[1], report: { ...report } }),
      );
      return report;
    }

    it('is null until there was one, and is of this pair, this way round', async () => {
      expect((await server.ask(query, { as: 'VIEWER', variables: ids() })).data).toEqual({ comparison: null });
      await keepComparison();
      const { a, b } = ids();
      expect((await server.ask(query, { variables: { a: b, b: a } })).data).toEqual({ comparison: null });
    });

    it('shows both models on the same customers, with intervals, verdict and warnings', async () => {
      const report = await keepComparison();
      const { data, errors } = await server.ask(query, { as: 'VIEWER', variables: ids() });
      expect(errors).toBeUndefined();
      expect(data['comparison']).toEqual({
        a: { id: ids().a, number: Number(models[0]) },
        b: { id: ids().b, number: Number(models[1]) },
        asOf: asOf.toISOString(),
        horizonDays: 180,
        customers: 40,
        heldOutOnly: true,
        verdict: 'BETTER',
        sentence: expect.stringMatching(/^Model 2 is better than model 1 on the same 40 customers: Gini/),
        createdAt: expect.any(String),
        metricsOfA: { normalizedGini: report.a.normalizedGini },
        metricsOfB: { normalizedGini: report.b.normalizedGini, coverage80: report.b.coverage80 },
        differences: report.differences,
        warnings: [{ code: 'TRAINED_ON_WINDOW', modelId: ids().a, message: 'It has seen this.' }],
      });
    });

    const start = `mutation($input: StartComparisonInput!) { started: startComparison(input: $input) {
      __typename ... on Run { kind input model { id } } ... on ErrorResult { errorCode message } } }`;
    const started = async (input: object) => {
      const { data, errors } = await server.ask<{ started: Record<string, unknown> }>(start, { variables: { input } });
      return data?.started ?? errors![0]!.extensions.code;
    };

    it('is started against the active model unless another is named, by administrators', async () => {
      const { a, b } = ids();
      expect(await started({ modelId: a })).toEqual({
        __typename: 'Run',
        kind: 'COMPARE',
        input: { modelId: a, againstId: b },
        model: { id: a },
      });
      expect(await started({ modelId: b, againstId: a, asOf, horizonDays: 180 })).toMatchObject({
        input: { modelId: b, againstId: a, asOf: asOf.toISOString(), horizonDays: 180 },
      });
      const refused = await server.ask(start, { as: 'MARKETER', variables: { input: { modelId: a } } });
      expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    });

    it('is refused for what cannot be compared', async () => {
      const { a, b } = ids();
      expect(await started({ modelId: a, againstId: a })).toBe('BAD_USER_INPUT');
      const { errors } = await server.ask(start, { variables: { input: { modelId: b } } });
      expect(errors?.[0]?.message).toMatch(/^Model \d is the active one, with which models are compared by default\. .*againstId/);
      expect(await started({ modelId: a, asOf })).toBe('BAD_USER_INPUT');
      expect(await started({ modelId: a, asOf: '2999-01-01T00:00:00Z', horizonDays: 30 })).toBe('BAD_USER_INPUT');
      expect(await started({ modelId: a, againstId: globalId('ModelVersion', '999') })).toMatchObject({
        errorCode: 'NOT_FOUND',
      });
      await server.database.dataSource.manager.update(ModelVersion, models[1], { state: 'RETIRED' });
      expect(await started({ modelId: a })).toMatchObject({ errorCode: 'MODEL_NOT_READY' });
      expect(await server.database.dataSource.manager.count(Run)).toBe(0);
    });
  });

  it('shows drift per feature, of the prediction and over all, and what came of the predictions', async () => {
    const scaler = {
      seasons: false,
      features: ['total_spend', 'age_days'].map((name) => ({
        name,
        transform: 'identity' as const,
        lower: 0,
        upper: 1,
        median: 0,
        mean: 0,
        std: 1,
        used: true,
        missingToken: false,
      })),
    };
    const side = (shift: number) => ({
      rows: Array.from({ length: 1_000 }, (_, i) => ({ features: [i + shift, i] })),
      predictions: Array.from({ length: 1_000 }, (_, i) => ({ expectedValue: i + shift })),
    });
    const drift = measureOf(scaler, side(0), side(500));
    const realised: RealisedMetrics = {
      horizonDays: 30,
      measuredAt: '2026-02-01T00:00:00.000Z',
      customers: 40,
      sawLabels: false,
      metrics: distributionMetrics(actual, good),
      biasInterval: { lower: -0.02, upper: 0.04 },
    };
    const { manager } = server.database.dataSource;
    const report = { modelId: models[1], asOf, horizonDays: 365, realised: [{ ...realised }] };
    await manager.save(manager.create(DriftReport, { ...report, drift: { ...drift } }));
    await manager.save(
      manager.create(DriftReport, { ...report, asOf: new Date('2026-02-01T00:00:00Z'), drift: { ...drift, score: 0 } }),
    );
    const { data, errors } = await server.ask<{ models: { edges: { node: Record<string, unknown> }[] } }>(
      `{ models(first: 2) { edges { node {
        drift { asOf score }
        driftReports(first: 5) {
          asOf horizonDays measuredAt customers referenceCustomers score state
          prediction { psi noise state } features { name label psi noise state }
          realised { horizonDays measuredAt customers sawLabels metrics { normalizedGini bias coverage95 } biasInterval { lower upper } }
        }
      } } } }`,
      { as: 'VIEWER' },
    );
    expect(errors).toBeUndefined();
    const [active, candidate] = data.models.edges.map(({ node }) => node);
    expect(candidate).toEqual({ drift: null, driftReports: [] });
    expect(active!['drift']).toEqual({ asOf: '2026-02-01T00:00:00.000Z', score: 0 });
    // Alone, too: only the newest is read then.
    const alone = await server.ask('{ models(first: 2) { edges { node { drift { asOf score } } } } }');
    expect(alone.data['models']).toEqual({
      edges: [{ node: { drift: active!['drift'] } }, { node: { drift: null } }],
    });
    // A day that is scored once more is the last again.
    await manager.update(DriftReport, { modelId: models[1], asOf }, { measuredAt: new Date(Date.now() + 60_000) });
    const again = await server.ask('{ models(first: 1) { edges { node { drift { asOf } driftReports { asOf } } } } }');
    const both = [asOf.toISOString(), '2026-02-01T00:00:00.000Z'].map((day) => ({ asOf: day }));
    expect(again.data['models']).toEqual({ edges: [{ node: { drift: both[0], driftReports: both } }] });
    const reports = active!['driftReports'] as unknown[];
    expect(reports).toHaveLength(2);
    const { normalizedGini, bias, coverage95 } = realised.metrics;
    expect(reports[1]).toEqual({
      asOf: asOf.toISOString(),
      horizonDays: 365,
      measuredAt: expect.any(String),
      customers: 1_000,
      referenceCustomers: 1_000,
      score: drift.prediction!.psi,
      state: 'SIGNIFICANT',
      prediction: drift.prediction,
      features: [
        { ...drift.features[0], name: 'total_spend', label: 'Total spend', state: 'SIGNIFICANT' },
        { ...drift.features[1], name: 'age_days', psi: 0, state: 'STABLE' },
      ],
      realised: [{ ...realised, metrics: { normalizedGini, bias, coverage95 } }],
    });
  });

  it('schedules retrains that age or drift must ask for', async () => {
    const schedule = (onlyIf: string) =>
      server.ask(`mutation { scheduleRetrain(cron: "0 3 * * *", onlyIf: ${onlyIf}) { cron input } }`);
    const { data } = await schedule('{ driftAbove: 0.25, olderThanDays: 90 }');
    const input = { onlyIf: { driftAbove: 0.25, olderThanDays: 90 } };
    expect(data).toEqual({ scheduleRetrain: { cron: '0 3 * * *', input } });
    expect((await server.ask('{ retrainSchedule { input } }')).data).toEqual({ retrainSchedule: { input } });
    for (const wrong of ['{}', '{ driftAbove: 0 }', '{ olderThanDays: -3 }']) {
      expect((await schedule(wrong)).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    }
    await server.ask('mutation { unscheduleRetrain }');
  });
});
