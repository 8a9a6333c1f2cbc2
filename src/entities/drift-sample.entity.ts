import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Customer } from './customer.entity.js';
import { DriftReport } from './drift-report.entity.js';

/** What a scoring predicted for a sampled customer. It is kept until the horizon is over and hardly any of its orders can still come in. */
@Entity('drift_sample')
// Without this index, deleting a customer would read all samples.
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

  /** `logit`, `mu` and `sigma` are the parameters of the zero-inflated lognormal distribution. */
  @Column({ type: 'real' })
  logit: number;

  @Column({ type: 'real' })
  mu: number;

  @Column({ type: 'real' })
  sigma: number;
}
