import { Column, Entity, Index, JoinColumn, OneToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Instant } from './columns.js';
import { Customer } from './customer.entity.js';

/** Best first. */
export const clvTiers = ['PLATINUM', 'GOLD', 'SILVER', 'BRONZE'] as const;
export type ClvTier = (typeof clvTiers)[number];

/**
 * What lists said of a customer when its value or tier last changed, whatever model said so: what those are told who ask
 * for changes. Nothing is written of customers who did not change.
 */
@Entity('clv_change')
// What changed since an instant, from page to page.
@Index(['changedAt', 'customerId'])
export class ClvChange {
  @PrimaryColumn({ type: 'bigint' })
  customerId: string;

  @OneToOne(() => Customer, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'customer_id' })
  customer: Relation<Customer>;

  /** Later than that of any other change before it; whole milliseconds, so that a Date has all of it. */
  @Instant()
  changedAt: Date;

  /** In currency; 0 for who has no prediction any more. */
  @Column({ type: 'double precision' })
  value: number;

  /** What `value` was before; null of a first prediction. */
  @Column({ type: 'double precision', nullable: true })
  previousValue: number | null;

  @Column({ type: 'enum', enum: clvTiers, enumName: 'clv_tier' })
  tier: ClvTier;

  /** `changedAt` of the last change that was one of tier. */
  @Instant()
  tierChangedAt: Date;

  /** Null where there was no other tier. */
  @Column({ type: 'enum', enum: clvTiers, enumName: 'clv_tier', nullable: true })
  previousTier: ClvTier | null;
}
