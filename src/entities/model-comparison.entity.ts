import { Entity, Index, JoinColumn, ManyToOne, type Relation } from 'typeorm';
import { CreatedAt, Identity, Json, Reference } from './columns.js';
import { ModelVersion } from './model-version.entity.js';

/** A measured comparison of two models on the same customers. The newest one of a pair counts. */
@Entity('model_comparison')
@Index(['modelId', 'againstId'])
export class ModelComparison {
  @Identity()
  id: string;

  @Reference()
  modelId: string;

  @ManyToOne(() => ModelVersion, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'model_id' })
  model: Relation<ModelVersion>;

  @Reference()
  @Index()
  againstId: string;

  @ManyToOne(() => ModelVersion, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'against_id' })
  against: Relation<ModelVersion>;

  /** Metrics of both, their differences with intervals, verdict and warnings. */
  @Json()
  report: object;

  @CreatedAt()
  createdAt: Date;
}
