import type { DataSource } from 'typeorm';
import { deserialiseModel, type SerialisedModel, serialiseModel } from '../../../src/ml/model/serialise.js';
import { asServed } from '../../../src/ml/model/served-model.js';
import { type ActivationRanges, observeActivations } from '../../../src/ml/scoring/activation-ranges.js';
import { Random } from '../../../src/random.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { loadArtifact, saveArtifact } from '../../../src/services/models/model-artifacts.service.js';
import { configFor } from './model-steps.js';
import { readSample } from './sample.js';

interface ActiveModel {
  readonly id: string;
  readonly bytes: Buffer;
}

export async function activeModel({ manager }: DataSource): Promise<ActiveModel & { readonly model: SerialisedModel }> {
  const [found] = await manager.query<{ id: string }[]>(`select id from model_version where state = 'ACTIVE'`);
  const bytes = found && (await loadArtifact(manager, found.id, 'MODEL'));
  if (!bytes) throw new Error('There is no model: run the step "fine-tune" first.');
  return { id: found.id, bytes, model: deserialiseModel(bytes, 'the active model') };
}

/** Customers by whom the scale of 8-bit integers is set, as many as training takes. */
const observed = 1_024;

/**
 * Calls `work` while the active model encodes narratives. Where training kept no encoder, the last layer, which is zero, has
 * random weights meanwhile: what scoring costs does not depend on them.
 */
export async function withWords<T>(dataSource: DataSource, url: string, work: () => Promise<T>): Promise<T> {
  const { model, ...active } = await activeModel(dataSource);
  if (asServed(model).encodes) return work();
  const random = new Random('bench/delta');
  const encoding = withLastLayer(model, () => random.normal(0, 0.05));
  return whileStored(dataSource, active, encoding, async () => {
    const ranges = await rangesOf(dataSource, url, active.id);
    return whileServed(dataSource, active.id, ranges, work);
  });
}

/** Calls `work` while the active model encodes no words, so that sizes are compared by the same work. */
export async function withoutWords<T>(dataSource: DataSource, work: () => Promise<T>): Promise<T> {
  const { model, ...active } = await activeModel(dataSource);
  return whileStored(
    dataSource,
    active,
    withLastLayer(model, () => 0),
    work,
  );
}

function withLastLayer(model: SerialisedModel, weight: () => number): SerialisedModel {
  const weights = { ...model.weights };
  for (const name of ['head.delta.weight', 'head.delta.bias']) {
    const { shape, data } = weights[name]!;
    weights[name] = { shape, dtype: 'float32', data: Float32Array.from(data, weight) };
  }
  return { ...model, weights };
}

async function whileStored<T>(
  { manager }: DataSource,
  { id, bytes }: ActiveModel,
  model: SerialisedModel,
  work: () => Promise<T>,
): Promise<T> {
  await saveArtifact(manager, id, 'MODEL', serialiseModel(model));
  try {
    return await work();
  } finally {
    await saveArtifact(manager, id, 'MODEL', bytes);
  }
}

async function rangesOf(dataSource: DataSource, url: string, id: string): Promise<ActivationRanges> {
  const models = new ModelLoader(dataSource, configFor(url));
  try {
    await using loaded = await models.byId(id);
    const { examples } = await readSample(dataSource, loaded, observed);
    const { model } = await activeModel(dataSource);
    return await observeActivations(await models.getEngine(), model, examples, loaded.tokenizer.special.pad);
  } finally {
    await models.close();
  }
}

async function whileServed<T>(
  dataSource: DataSource,
  id: string,
  ranges: ActivationRanges,
  work: () => Promise<T>,
): Promise<T> {
  const [before] = await dataSource.query<[{ serving: string }]>(
    'select serving::text from model_version where id = $1',
    [id],
  );
  const serve = (serving: string) =>
    dataSource.query('update model_version set serving = $2::jsonb where id = $1', [id, serving]);
  await serve(JSON.stringify({ ...(JSON.parse(before.serving) as object), activationRanges: ranges }));
  try {
    return await work();
  } finally {
    await serve(before.serving);
  }
}
