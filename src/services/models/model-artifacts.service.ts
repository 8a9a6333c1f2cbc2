import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { type ArtifactKind, ModelArtifact } from '../../entities/index.js';
import { ClvError } from '../../errors.js';

const sha256 = (content: Buffer): string => createHash('sha256').update(content).digest('hex');

/** Size of a part: queries hold their values in memory several times, on both sides. */
const partBytes = 16 * 2 ** 20;

/** Stores a model's bytes of a kind, in place of earlier ones. */
export async function saveArtifact(
  manager: EntityManager,
  modelId: string,
  kind: ArtifactKind,
  content: Buffer,
): Promise<void> {
  await manager.transaction(async (transaction) => {
    await deleteArtifact(transaction, modelId, kind);
    for (let part = 0; part * partBytes < content.length; part++) {
      const bytes = content.subarray(part * partBytes, (part + 1) * partBytes);
      await transaction.insert(ModelArtifact, { modelId, kind, part, content: bytes, sha256: sha256(bytes) });
    }
  });
}

/** The bytes of a kind; null where the model has none. @throws ClvError CHECKPOINT_INVALID if they have been damaged */
export async function loadArtifact(
  manager: EntityManager,
  modelId: string,
  kind: ArtifactKind,
): Promise<Buffer | null> {
  const parts = await manager.find(ModelArtifact, {
    where: { modelId, kind },
    order: { part: 'ASC' },
    select: { id: true, part: true, content: true, sha256: true },
  });
  if (parts.length === 0) return null;
  if (parts.some(({ content, sha256: stored }) => sha256(content) !== stored)) {
    throw new ClvError(
      'CHECKPOINT_INVALID',
      `The ${kind} of model ${modelId} is damaged in the database: restore it from a backup, or fine-tune again.`,
    );
  }
  return parts.length === 1 ? parts[0]!.content : Buffer.concat(parts.map(({ content }) => content));
}

export async function deleteArtifact(manager: EntityManager, modelId: string, kind: ArtifactKind): Promise<void> {
  await manager.delete(ModelArtifact, { modelId, kind });
}
