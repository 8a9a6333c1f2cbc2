import type { EntityManager } from 'typeorm';
import type { Queryable } from '../../database/queryable.js';
import { ModelVersion, Snapshot } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { noSuch } from '../no-such.js';

/** Neither in training nor failed. */
export function isTrained({ state }: Pick<ModelVersion, 'state'>): boolean {
  return state !== 'TRAINING' && state !== 'FAILED';
}

/** @throws ClvError NOT_FOUND */
export async function requireModel(manager: EntityManager, id: string): Promise<ModelVersion> {
  const model = await manager.findOneBy(ModelVersion, { id });
  if (model) return model;
  throw noSuch('model', id, 'List the models to see their ids.');
}

export function findActiveModel(manager: EntityManager): Promise<ModelVersion | null> {
  return manager.findOneBy(ModelVersion, { state: 'ACTIVE' });
}

/** The snapshot that a model was trained on; null if it was deleted. */
export async function findSnapshotOf(
  manager: EntityManager,
  { snapshotId }: Pick<ModelVersion, 'snapshotId'>,
): Promise<Snapshot | null> {
  return snapshotId === null ? null : manager.findOneBy(Snapshot, { id: snapshotId });
}

/** Attributes of customers that a model reads; none if there is no such model. */
export async function covariatesOf(queryable: Queryable, modelId: string): Promise<readonly string[]> {
  const [model] = await queryable.query<{ covariates: string[] }>(
    'select covariates from model_version where id = $1',
    [modelId],
  );
  return model?.covariates ?? [];
}

/**
 * A model that can predict: the one that is named, or the active one.
 * @throws ClvError NOT_FOUND; MODEL_NOT_READY where none is active, or it is in training or has failed
 */
export async function requireTrainedModel(
  manager: EntityManager,
  id: string | null | undefined,
): Promise<ModelVersion> {
  const model = id ? await requireModel(manager, id) : await findActiveModel(manager);
  if (!model) throw new ClvError('MODEL_NOT_READY', 'No model is active. Fine-tune one and promote it first.');
  if (isTrained(model)) return model;
  throw new ClvError('MODEL_NOT_READY', `Model ${model.id} is ${model.state} and cannot be used.`);
}
