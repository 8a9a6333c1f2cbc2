import { Column, Entity } from 'typeorm';
import { CreatedAt, Identity, Instant, Json } from './columns.js';

/** A preprocessing run's outcome: everything that training and scoring need besides the rows. */
@Entity('snapshot')
export class Snapshot {
  @Identity()
  id: string;

  @Column({ type: 'uuid', nullable: true })
  runId: string | null;

  /** Nothing dated on this instant's UTC day or later reached a feature or a training label. */
  @Instant()
  asOf: Date;

  @Column({ type: 'integer' })
  horizonDays: number;

  @Json({ default: {} })
  options: Record<string, unknown>;

  /** Names of the customers' attributes that models read. */
  @Json({ default: [] })
  covariates: string[];

  /** Counts of the cleaning and of the rows made. */
  @Json({ default: {} })
  report: object;

  /** Winsorising bounds, imputation values, means and standard deviations, fitted on training rows. */
  @Json({ default: {} })
  scaler: Record<string, unknown>;

  /** Names, labels, groups and order of the features. */
  @Json({ default: [] })
  featureSchema: unknown[];

  /** The (as-of, horizon) windows cut from history, each with its fitted buy-till-you-die prior. */
  @Json({ default: [] })
  windows: unknown[];

  @CreatedAt()
  createdAt: Date;

  /** When all rows were written; null before, when the snapshot is not used. */
  @Instant({ nullable: true })
  completedAt: Date | null;
}
