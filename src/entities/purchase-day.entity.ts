import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Money } from './columns.js';
import { Customer } from './customer.entity.js';

/**
 * What a customer bought and returned on one UTC day, after cleaning: the only source of transaction features and
 * labels. A purchase occasion is a purchase day with `net` above zero.
 */
@Entity('purchase_day')
@Index(['day'])
export class PurchaseDay {
  @PrimaryColumn({ type: 'bigint' })
  customerId: string;

  @ManyToOne(() => Customer, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'customer_id' })
  customer: Relation<Customer>;

  @PrimaryColumn({ type: 'date' })
  day: string;

  /** What was bought less what was returned. */
  @Money()
  net: string;

  /** What was bought; zero or more. */
  @Money()
  gross: string;

  /** What was returned or cancelled; zero or more. */
  @Money()
  returned: string;

  /** Number of pieces that were bought. */
  @Column({ type: 'integer' })
  items: number;

  /** Number of different products that were bought. */
  @Column({ type: 'integer' })
  products: number;

  /** Number of orders that were placed. */
  @Column({ type: 'integer' })
  orders: number;
}
