import { Column, Entity, Index, JoinColumn, ManyToOne, type Relation } from 'typeorm';
import { Identity, Money, Reference } from './columns.js';
import { Order } from './order.entity.js';
import { Product } from './product.entity.js';

/** One line of an order, raw: cleaning excludes lines when purchase days are computed, it never deletes them. */
@Entity('order_line')
@Index(['orderId', 'lineNumber'], { unique: true })
@Index(['productId'])
export class OrderLine {
  @Identity()
  id: string;

  @Reference()
  orderId: string;

  @ManyToOne(() => Order, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'order_id' })
  order: Relation<Order>;

  /** Position in the order, from 1. */
  @Column({ type: 'integer' })
  lineNumber: number;

  @Reference({ nullable: true })
  productId: string | null;

  @ManyToOne(() => Product, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'product_id' })
  product: Relation<Product> | null;

  /** Negative for returns. */
  @Column({ type: 'integer' })
  quantity: number;

  @Money()
  unitPrice: string;
}
