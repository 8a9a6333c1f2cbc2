import { describe, expect, it } from 'vitest';
import type { Run } from '../../../src/entities/index.js';
import type { RequestContext } from '../../../src/resolvers/context.js';
import { RunFieldsResolver } from '../../../src/resolvers/runs/run-fields.resolver.js';

describe('the model of a run', () => {
  const loaders = {
    modelById: { load: (id: string) => Promise.resolve({ id }) },
    modelByRun: { load: (runId: string) => Promise.resolve(runId === 'trained' ? { id: '4' } : null) },
  };
  const modelOf = (run: Pick<Run, 'input' | 'result'>, id = 'other') =>
    new RunFieldsResolver().model({ ...run, id } as Run, { loaders } as object as RequestContext);

  it.each<[string, Pick<Run, 'input' | 'result'>, string]>([
    ['that it made', { input: { modelId: '1' }, result: { modelId: '2', scored: { modelId: '3' } } }, '2'],
    ['that it scored with', { input: {}, result: { retrained: false, scored: { modelId: '3' } } }, '3'],
    ['that it was given', { input: { modelId: '1' }, result: null }, '1'],
  ])('is the one %s', async (_which, run, id) => {
    expect(await modelOf(run)).toEqual({ id });
  });

  it('is the one that it made where it did not complete', async () => {
    expect(await modelOf({ input: {}, result: null }, 'trained')).toEqual({ id: '4' });
  });

  it('is none where nothing was trained or scored', async () => {
    expect(await modelOf({ input: {}, result: { retrained: false, scored: null } })).toBeNull();
  });
});
