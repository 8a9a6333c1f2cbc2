import { Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from 'typeorm';
import { CreatedAt, Identity, Reference, Text } from './columns.js';
import { ModelVersion } from './model-version.entity.js';

const artifactKinds = ['MODEL', 'CHECKPOINT'] as const;
export type ArtifactKind = (typeof artifactKinds)[number];

/**
 * A model's bytes. They are in Postgres so that every worker and replica has them, and in parts, since a field of Postgres holds 1 GB at
 * most.
 */
@Entity('model_artifact')
@Index(['modelId', 'kind', 'part'], { unique: true })
export class ModelArtifact {
  @Identity()
  id: string;

  @Reference()
  modelId: string;

  @ManyToOne(() => ModelVersion, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'model_id' })
  model: Relation<ModelVersion>;

  @Column({ type: 'enum', enum: artifactKinds, enumName: 'artifact_kind' })
  kind: ArtifactKind;

  /** Number of the part, from 0. */
  @Column({ type: 'smallint', default: 0 })
  part: number;

  /** Checksum of this part. */
  @Text()
  sha256: string;

  @Column({ type: 'bytea', select: false })
  content: Buffer;

  @CreatedAt()
  createdAt: Date;
}
