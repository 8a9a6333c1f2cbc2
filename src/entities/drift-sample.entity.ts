import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Customer } from './customer.entity.js';
import { DriftReport } from './drift-report.entity.js';

/** What a scoring predicted for a sampled customer: kept until the horizon is over and hardly any orders of it can come in late. */
@Entity('drift_sample')
// Without it, deleting a customer would read all samples.
@Index(['customerId'])
export class DriftSample {
  @PrimaryColumn({ type: 'bigint' })
  reportId: string;

  @ManyToOne(() => DriftReport, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'report_id' })
  report: Relation<DriftReport>;

  @PrimaryColumn({ type: 'integer' })
  horizonDays: number;

  @PrimaryColumn({ type: 'bigint' })
  customerId: string;

  @ManyToOne(() => Customer, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'customer_id' })
  customer: Relation<Customer>;

  @Column({ type: 'double precision' })
  expectedValue: number;

  /** Of the zero-inflated lognormal distribution. */
  @Column({ type: 'real' })
  logit: number;

  @Column({ type: 'real' })
  mu: number;

  @Column({ type: 'real' })
  sigma: number;
}
