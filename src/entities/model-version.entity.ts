import { Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from 'typeorm';
import { CreatedAt, Identity, Instant, Json, Reference, Text } from './columns.js';
import { Snapshot } from './snapshot.entity.js';

export const modelStates = ['TRAINING', 'CANDIDATE', 'ACTIVE', 'RETIRED', 'FAILED'] as const;
export type ModelState = (typeof modelStates)[number];

export const trainingStrategies = ['FULL', 'LORA', 'HEAD'] as const;
export type TrainingStrategy = (typeof trainingStrategies)[number];

export const trainingObjectives = ['ZILN', 'MSE', 'CLASSIFICATION'] as const;
export type TrainingObjective = (typeof trainingObjectives)[number];

/** A fine-tuned model. At most one is ACTIVE. */
@Entity('model_version')
@Index(['state'], { unique: true, where: "state = 'ACTIVE'" })
export class ModelVersion {
  @Identity()
  id: string;

  @Column({ type: 'uuid', nullable: true })
  runId: string | null;

  @Reference({ nullable: true })
  snapshotId: string | null;

  @ManyToOne(() => Snapshot, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'snapshot_id' })
  snapshot: Relation<Snapshot> | null;

  /** Name or folder of the pretrained checkpoint. */
  @Text()
  base: string;

  @Column({ type: 'enum', enum: trainingStrategies, enumName: 'training_strategy' })
  strategy: TrainingStrategy;

  @Column({ type: 'enum', enum: trainingObjectives, enumName: 'training_objective' })
  objective: TrainingObjective;

  @Column({ type: 'enum', enum: modelStates, enumName: 'model_state', default: 'TRAINING' })
  state: ModelState;

  @Json({ default: {} })
  hyperparameters: Record<string, unknown>;

  /** Names of the customers' attributes that it reads: those of its snapshot, which may be gone. */
  @Json({ default: [] })
  covariates: string[];

  /** What scoring needs besides the weights: scaler, prior, scale of the values. */
  @Json({ default: {} })
  serving: object;

  /** Validation and, where the data has it, realised holdout metrics: the model's, the prior's, the naive rank's. */
  @Json({ default: {} })
  metrics: Record<string, unknown>;

  /** A (clearly better than prior and naive rank) to E (worse than both); null while training. */
  @Column({ type: 'char', length: 1, nullable: true })
  grade: string | null;

  /** As-of date and horizon of the last completed scoring of the whole base: what lists and segments read. */
  @Instant({ nullable: true })
  scoredAsOf: Date | null;

  @Column({ type: 'integer', nullable: true })
  scoredHorizonDays: number | null;

  @CreatedAt()
  createdAt: Date;

  @Instant({ nullable: true })
  promotedAt: Date | null;

  @Instant({ nullable: true })
  retiredAt: Date | null;
}
