import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Instant, Text } from './columns.js';
import { Customer } from './customer.entity.js';
import { ModelVersion } from './model-version.entity.js';

/** What a prediction rests on: the fine-tuned model, or the buy-till-you-die prior alone. */
export const predictionBases = ['MODEL', 'PRIOR'] as const;
export type PredictionBasis = (typeof predictionBases)[number];

/** Zero-inflated lognormal prediction of net spend in [asOf, asOf + horizon). */
@Entity('prediction')
// Each index ends in the customer, so that a list can be continued after any of several customers with the same value.
@Index(['modelId', 'horizonDays', 'asOf', 'expectedValue', 'customerId'])
@Index(['modelId', 'horizonDays', 'asOf', 'percentile', 'customerId'])
@Index(['modelId', 'horizonDays', 'asOf', 'purchaseProbability', 'customerId'])
// Without this index, deleting a customer would read all predictions.
@Index(['customerId'])
export class Prediction {
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

  @ManyToOne(() => Customer, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'customer_id' })
  customer: Relation<Customer>;

  @Column({ type: 'enum', enum: predictionBases, enumName: 'prediction_basis' })
  basis: PredictionBasis;

  /** Why the basis is not MODEL. */
  @Text({ nullable: true })
  basisReason: string | null;

  @Column({ type: 'double precision' })
  expectedValue: number;

  /** P(at least one purchase in the horizon). */
  @Column({ type: 'real' })
  purchaseProbability: number;

  /** Location and scale of the lognormal of the value given a purchase; quantiles follow in closed form. */
  @Column({ type: 'real' })
  mu: number;

  @Column({ type: 'real' })
  sigma: number;

  @Column({ type: 'real' })
  expectedOrders: number;

  /** When the next purchase is expected, if one comes within the horizon; null in scorings by an earlier version. */
  @Column({ type: 'date', nullable: true })
  expectedNextOrderDate: string | null;

  /** Share of the others in the scored base with a lower expected value, 0 to 100; null until the base was scored. */
  @Column({ type: 'real', nullable: true })
  percentile: number | null;

  /** `Customer.factsChangedAt` of the facts that the features were computed from. */
  @Instant()
  factsChangedAt: Date;

  /** Hash of what the model read. */
  @Text()
  featureHash: string;

  @Instant({ default: () => 'now()' })
  computedAt: Date;
}
