import type { DataSource } from 'typeorm';
import type { ModelVersion } from '../../entities/index.js';
import { globalIdText } from '../../global-id-text.js';
import { AuditService } from '../audit.service.js';
import { type InPromotion, ModelsService } from './models.service.js';

interface AuditedPromotion {
  /** Details of the entry in the audit log. */
  readonly details: Record<string, unknown>;
  /** API key that requested it; null where there is none. */
  readonly actorId?: string | null;
  /** When the decision was begun; by default now. */
  readonly decidedAt?: Date;
  readonly within?: InPromotion;
}

/**
 * Promotes a model and writes that into the audit log, as the mutation does: for a retrain or the command line.
 * @throws ClvError NOT_FOUND, MODEL_NOT_READY; CONFLICT if another model was promoted or rolled back to since `decidedAt`
 */
export function promoteAudited(
  dataSource: DataSource,
  modelId: string,
  { details, actorId = null, ...how }: AuditedPromotion,
): Promise<ModelVersion> {
  const actor = actorId === null ? null : { id: actorId };
  const target = globalIdText('ModelVersion', modelId);
  // The name of the mutation.
  const action = 'promoteModel';
  return new AuditService(dataSource).record({ actor, action, target, details }, () =>
    new ModelsService(dataSource).promote(modelId, how),
  );
}
