import type { DataSource } from 'typeorm';
import type { ModelVersion } from '../entities/index.js';
import { ClvError } from '../errors.js';
import { globalIdText } from '../global-id-text.js';
import { AuditService } from './audit.service.js';
import { ModelsService } from './models.service.js';

/**
 * Promotes a model without a mutation, which would have left a trace: for a retrain or the command line.
 * @param actorId API key that asked for it; null where none did
 * @param details what the entry is to say besides
 * @throws ClvError NOT_FOUND, MODEL_NOT_READY
 */
export async function promoteAudited(
  dataSource: DataSource,
  modelId: string,
  actorId: string | null,
  details: Record<string, unknown>,
): Promise<ModelVersion> {
  const audit = new AuditService(dataSource);
  const target = globalIdText('ModelVersion', modelId);
  const entry = await audit.begin({ actor: actorId === null ? null : { id: actorId }, action, target, details });
  try {
    const model = await new ModelsService(dataSource).promote(modelId);
    await audit.settle(entry, { outcome: 'DONE' });
    return model;
  } catch (error) {
    const isExpected = error instanceof ClvError;
    await audit.settle(
      entry,
      isExpected ? { outcome: 'REFUSED', errorCode: error.code } : { outcome: 'FAILED', errorCode: 'INTERNAL' },
    );
    throw error;
  }
}

/** As the mutation's. */
const action = 'promoteModel';
