import { Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from 'typeorm';
import { CreatedAt, Identity, Instant, Money, Reference, Text, UpdatedAt } from './columns.js';
import { Customer } from './customer.entity.js';

/** A purchase, a return or a cancellation, as the shop's system recorded it. Returns have a negative total. */
@Entity('customer_order')
@Index(['source', 'externalId'], { unique: true })
@Index(['customerId', 'placedAt'])
// It tells in a moment whether all orders are in one currency. Sales without a customer, which may be most, do not count.
@Index(['currency'], { where: 'customer_id is not null' })
export class Order {
  @Identity()
  id: string;

  @Text({ default: 'default' })
  source: string;

  @Text()
  externalId: string;

  /** Null for an anonymous sale. */
  @Reference({ nullable: true })
  customerId: string | null;

  @ManyToOne(() => Customer, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'customer_id' })
  customer: Relation<Customer> | null;

  @Instant()
  placedAt: Date;

  @Column({ type: 'char', length: 3 })
  currency: string;

  /** The total as recorded, including all lines, postage and fees. */
  @Money()
  total: string;

  /** Number of pieces; negative for returns. */
  @Column({ type: 'integer', default: 0 })
  itemCount: number;

  @CreatedAt()
  createdAt: Date;

  @UpdatedAt()
  updatedAt: Date;
}
