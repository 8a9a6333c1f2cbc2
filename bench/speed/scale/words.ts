import type { DataSource } from 'typeorm';
import { deserialiseModel, serialiseModel } from '../../../src/ml/model/serialise.js';
import { asServed } from '../../../src/ml/model/served-model.js';
import { loadArtifact, saveArtifact } from '../../../src/services/models/model-artifacts.service.js';

/** The active model and its bytes. */
export async function activeModel({ manager }: DataSource): Promise<{ id: string; bytes: Buffer }> {
  const [found] = await manager.query<{ id: string }[]>(`select id from model_version where state = 'ACTIVE'`);
  const bytes = found && (await loadArtifact(manager, found.id, 'MODEL'));
  if (!bytes) throw new Error('There is no model: run the step "fine-tune" first.');
  return { id: found.id, bytes };
}

/** Whether training kept the encoder: if not, scoring encodes no words, and takes half the time. */
export async function readsWords(dataSource: DataSource): Promise<boolean> {
  const { bytes } = await activeModel(dataSource);
  return asServed(deserialiseModel(bytes, 'the active model')).encodes;
}

/** Calls `work` while the active model encodes no words, so that sizes are compared by the same work. */
export async function withoutWords<T>(dataSource: DataSource, work: () => Promise<T>): Promise<T> {
  const { id, bytes } = await activeModel(dataSource);
  const model = deserialiseModel(bytes, 'the active model');
  for (const name of ['head.delta.weight', 'head.delta.bias']) {
    const { shape, data } = model.weights[name]!;
    model.weights[name] = { shape, dtype: 'float32', data: new Float32Array(data.length) };
  }
  await saveArtifact(dataSource.manager, id, 'MODEL', serialiseModel(model));
  try {
    return await work();
  } finally {
    await saveArtifact(dataSource.manager, id, 'MODEL', bytes);
  }
}
