import { Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from 'typeorm';
import { CreatedAt, Identity, Instant, Json, Reference } from './columns.js';
import { ModelVersion } from './model-version.entity.js';

/** How far the customers of a scoring were from those that the model learnt from, and later how right it was. */
@Entity('drift_report')
@Index(['modelId', 'asOf', 'horizonDays'], { unique: true })
export class DriftReport {
  @Identity()
  id: string;

  @Reference()
  modelId: string;

  @ManyToOne(() => ModelVersion, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'model_id' })
  model: Relation<ModelVersion>;

  @Instant()
  asOf: Date;

  @Column({ type: 'integer' })
  horizonDays: number;

  /** Population stability of the prediction and of each feature, and the overall state. */
  @Json()
  drift: object;

  /** How the predictions of then came true: metrics for each horizon that is over. */
  @Json({ default: [] })
  realised: object[];

  @CreatedAt()
  measuredAt: Date;
}
