import type { DataSource } from 'typeorm';
import type { ModelVersion } from '../../entities/index.js';
import { globalIdText } from '../../global-id-text.js';
import { AuditService } from '../audit.service.js';
import { type InPromotion, ModelsService } from './models.service.js';

export interface AuditedPromotion {
  /** What else the entry is to say. */
  readonly details: Record<string, unknown>;
  /** API key that asked for it; null where none did. */
  readonly actorId?: string | null;
  /** The active model, or null for none, that this one was judged by. */
  readonly insteadOf?: string | null;
  readonly within?: InPromotion;
}

/**
 * Promotes a model without a mutation, which would have left a trace: for a retrain or the command line.
 * @throws ClvError NOT_FOUND, MODEL_NOT_READY; CONFLICT where another one is active by now
 */
export function promoteAudited(
  dataSource: DataSource,
  modelId: string,
  { details, actorId = null, ...how }: AuditedPromotion,
): Promise<ModelVersion> {
  const actor = actorId === null ? null : { id: actorId };
  const target = globalIdText('ModelVersion', modelId);
  // As the mutation's.
  const action = 'promoteModel';
  return new AuditService(dataSource).record({ actor, action, target, details }, () =>
    new ModelsService(dataSource).promote(modelId, how),
  );
}
