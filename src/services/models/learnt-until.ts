import type { EntityManager } from 'typeorm';
import { dayMs, startOfDay } from '../../days.js';
import type { ModelVersion } from '../../entities/index.js';
import { findSnapshotOf } from './find-model.js';
import { metricsOf } from './model-metrics.js';

/** From when on a model's training knew nothing: not of the as-of instant's day either. At the latest its fine-tune, where that is not known. */
export async function learntUntil(manager: EntityManager, model: ModelVersion): Promise<Date> {
  return (await knownLearntUntil(manager, model)) ?? model.createdAt;
}

/**
 * The same; null where it is not known. Its snapshot may have been deleted since: the window that it was checked on ends with
 * it.
 */
export async function knownLearntUntil(manager: EntityManager, model: ModelVersion): Promise<Date | null> {
  const snapshot = await findSnapshotOf(manager, model);
  if (snapshot) return startOfDay(snapshot.asOf);
  const { validation } = metricsOf(model);
  if (!validation) return null;
  return startOfDay(new Date(Date.parse(validation.asOf) + validation.horizonDays * dayMs));
}
