import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { type ArtifactKind, ModelArtifact } from '../entities/index.js';
import { ClvError } from '../errors.js';

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** Stores a model's bytes, in place of what it had of that kind. */
export async function saveArtifact(
  manager: EntityManager,
  modelId: string,
  kind: ArtifactKind,
  content: Buffer,
): Promise<void> {
  await manager.upsert(ModelArtifact, { modelId, kind, content, sha256: sha256(content) }, ['modelId', 'kind']);
}

/** @throws ClvError CHECKPOINT_INVALID where the stored bytes are not the ones that were written */
export async function loadArtifact(
  manager: EntityManager,
  modelId: string,
  kind: ArtifactKind,
): Promise<Buffer | null> {
  const artifact = await manager.findOne(ModelArtifact, {
    where: { modelId, kind },
    select: { id: true, content: true, sha256: true },
  });
  if (!artifact) return null;
  if (sha256(artifact.content) !== artifact.sha256) {
    throw new ClvError(
      'CHECKPOINT_INVALID',
      `The ${kind} of model ${modelId} is damaged in the database: restore it from a backup, or fine-tune again.`,
    );
  }
  return artifact.content;
}

export async function deleteArtifact(manager: EntityManager, modelId: string, kind: ArtifactKind): Promise<void> {
  await manager.delete(ModelArtifact, { modelId, kind });
}
