import { Entity, Index } from 'typeorm';
import type { ClvChange } from './clv-change.entity.js';
import { CreatedAt, Identity, Instant, Json, Text, UpdatedAt } from './columns.js';

/** A buyer, without anything that names a person: that is in `CustomerPersonalData`. */
@Entity('customer')
@Index(['source', 'externalId'], { unique: true })
export class Customer {
  @Identity()
  id: string;

  /** The system that the external id belongs to, e.g. `shopify`. */
  @Text({ default: 'default' })
  source: string;

  @Text()
  externalId: string;

  @Text({ nullable: true })
  country: string | null;

  /** Free fields of the shop's own (acquisition channel, loyalty level, ...). Never personal data. */
  @Json({ default: {} })
  attributes: Record<string, unknown>;

  /** When anything that a feature is computed from last changed: older predictions are stale. */
  @Instant({ default: () => 'now()' })
  factsChangedAt: Date;

  /** `factsChangedAt` as text, which keeps its microseconds; of customers read by a list only. No column. */
  factsVersion?: string;

  /** The last one as a list ordered by changes read it, null where there was none; of customers read by such a list only. No column. */
  clvChange?: Omit<ClvChange, 'customerId' | 'customer'> | null;

  @CreatedAt()
  createdAt: Date;

  @UpdatedAt()
  updatedAt: Date;
}
