import { Column, Entity, Index, JoinColumn, OneToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Instant } from './columns.js';
import { Customer } from './customer.entity.js';

/** From the best to the lowest. */
export const clvTiers = ['PLATINUM', 'GOLD', 'SILVER', 'BRONZE'] as const;
export type ClvTier = (typeof clvTiers)[number];

/**
 * What lists said of a customer when the value or tier last changed, whatever model said so. Whoever asks for changes is told this.
 * Nothing is written for customers who did not change.
 */
@Entity('clv_change')
// It finds what changed since an instant, page by page.
@Index(['changedAt', 'customerId'])
export class ClvChange {
  @PrimaryColumn({ type: 'bigint' })
  customerId: string;

  @OneToOne(() => Customer, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'customer_id' })
  customer: Relation<Customer>;

  /** Later than any change before it. In whole milliseconds, so that a Date holds it exactly. */
  @Instant()
  changedAt: Date;

  /** Expected value in currency; 0 for a customer who no longer has a prediction. */
  @Column({ type: 'double precision' })
  value: number;

  /** What `value` was before; null for a first prediction. */
  @Column({ type: 'double precision', nullable: true })
  previousValue: number | null;

  @Column({ type: 'enum', enum: clvTiers, enumName: 'clv_tier' })
  tier: ClvTier;

  /** `changedAt` of the last change of the tier. */
  @Instant()
  tierChangedAt: Date;

  /** The tier before that change; null where there was none. */
  @Column({ type: 'enum', enum: clvTiers, enumName: 'clv_tier', nullable: true })
  previousTier: ClvTier | null;
}
