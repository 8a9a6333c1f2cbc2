import { Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Instant, Json, Text } from './columns.js';
import { ModelVersion } from './model-version.entity.js';

/** A stored explanation, valid while its prediction's feature hash is the same. */
@Entity('explanation')
@Index(['customerId'])
export class Explanation {
  @PrimaryColumn({ type: 'bigint' })
  modelId: string;

  @ManyToOne(() => ModelVersion, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'model_id' })
  model: Relation<ModelVersion>;

  @PrimaryColumn({ type: 'integer' })
  horizonDays: number;

  @PrimaryColumn({ type: 'timestamptz' })
  asOf: Date;

  @PrimaryColumn({ type: 'bigint' })
  customerId: string;

  @Text()
  featureHash: string;

  /** Baseline, contributions, residual, tokens: see `ml/explain`. */
  @Json()
  content: Record<string, unknown>;

  @Instant({ default: () => 'now()' })
  computedAt: Date;
}
