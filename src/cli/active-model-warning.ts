import type { EntityManager } from 'typeorm';
import type { ModelVersion } from '../entities/index.js';
import { findSnapshotOf } from '../services/models/find-model.js';
import { whyUnusable } from '../services/models/serving-bundle.js';
import { isOfThisVersion } from '../services/preprocessing/snapshots.service.js';

/**
 * What the active model can no longer do, because an earlier version made it or its snapshot, or because the snapshot was deleted, and
 * what to do about it. Null where it can do everything.
 */
export async function activeModelWarning(manager: EntityManager, model: ModelVersion): Promise<string | null> {
  const failure = whyUnusable(model);
  if (failure) return `${failure.message} Meanwhile the prior answers (basis PRIOR) what is not stored.`;
  const problem = await snapshotProblem(manager, model);
  if (!problem) return null;
  return `${problem} Run startRetrain. Meanwhile scorings measure no drift and keep no forecasts for realised metrics.`;
}

async function snapshotProblem(manager: EntityManager, model: ModelVersion): Promise<string | null> {
  const snapshot = await findSnapshotOf(manager, model);
  if (!snapshot) return `The snapshot that model ${model.id} was trained on was deleted.`;
  if (isOfThisVersion(snapshot)) return null;
  return (
    `Snapshot ${snapshot.id}, which model ${model.id} was trained on, was made by an earlier version of clvgraph, and this one ` +
    'cannot use it.'
  );
}
