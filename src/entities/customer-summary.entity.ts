import { Column, Entity, Index, JoinColumn, OneToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Money } from './columns.js';
import { Customer } from './customer.entity.js';

/**
 * A customer's purchases up to now in one row, which lists are filtered and ordered by. Every customer has one: a trigger adds it with the
 * customer, and whoever writes orders keeps it up to date.
 */
@Entity('customer_summary')
@Index(['spend', 'customerId'])
@Index(['orders', 'customerId'])
@Index(['lastDay', 'customerId'])
@Index('customer_summary_categories', { synchronize: false })
export class CustomerSummary {
  @PrimaryColumn({ type: 'bigint' })
  customerId: string;

  @OneToOne(() => Customer, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'customer_id' })
  customer: Relation<Customer>;

  /** First and last purchase occasion; null without one. */
  @Column({ type: 'date', nullable: true })
  firstDay: string | null;

  @Column({ type: 'date', nullable: true })
  lastDay: string | null;

  /** Purchase days with `net` above zero. */
  @Column({ type: 'integer', default: 0 })
  occasions: number;

  /** Number of orders that were placed. */
  @Column({ type: 'integer', default: 0 })
  orders: number;

  /** What was bought less what was returned. */
  @Money({ default: 0 })
  spend: string;

  /** What was returned or cancelled; zero or more. */
  @Money({ default: 0 })
  returned: string;

  /** Mean value of the purchase occasions; null without one. */
  @Money({ nullable: true })
  meanOccasionValue: string | null;

  /** Mean days between one purchase occasion and the next; null with fewer than two. */
  @Column({ type: 'double precision', nullable: true })
  gapMeanDays: number | null;

  /** Categories of all products that were bought, and not only returned; each once. */
  @Column({ type: 'text', array: true, default: '{}' })
  categories: string[];
}
