import type { EntityManager } from 'typeorm';
import { dayMs, startOfDay } from '../../days.js';
import type { ModelVersion } from '../../entities/index.js';
import { findSnapshotOf } from './find-model.js';
import { metricsOf } from './model-metrics.js';

/** The instant up to which a model's training knew the data: the beginning of the as-of day; if not known, that of its fine-tune. */
export async function learntUntil(manager: EntityManager, model: ModelVersion): Promise<Date> {
  return (await knownLearntUntil(manager, model)) ?? model.createdAt;
}

/**
 * `learntUntil`, or null where it is not known. If the snapshot was deleted, it is the end of the window that the model was validated on,
 * which is the snapshot's as-of date.
 */
export async function knownLearntUntil(manager: EntityManager, model: ModelVersion): Promise<Date | null> {
  const snapshot = await findSnapshotOf(manager, model);
  if (snapshot) return startOfDay(snapshot.asOf);
  const { validation } = metricsOf(model);
  if (!validation) return null;
  return startOfDay(new Date(Date.parse(validation.asOf) + validation.horizonDays * dayMs));
}
