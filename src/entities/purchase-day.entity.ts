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

  /** Bought less returned. */
  @Money()
  net: string;

  /** Bought, zero or more. */
  @Money()
  gross: string;

  /** Returned or cancelled, zero or more. */
  @Money()
  returned: string;

  /** Pieces bought. */
  @Column({ type: 'integer' })
  items: number;

  /** Different products bought. */
  @Column({ type: 'integer' })
  products: number;

  /** Orders placed. */
  @Column({ type: 'integer' })
  orders: number;
}
