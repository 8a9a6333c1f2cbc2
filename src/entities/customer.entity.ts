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

  /** The shop's own fields (acquisition channel, loyalty level, ...), which must not be personal data. */
  @Json({ default: {} })
  attributes: Record<string, unknown>;

  /** When anything that a feature is computed from last changed. Older predictions are stale. */
  @Instant({ default: () => 'now()' })
  factsChangedAt: Date;

  /** `factsChangedAt` as text, which keeps its microseconds. It is no column; only customers that a list has read have it. */
  factsVersion?: string;

  /** The last change; null where there was none. It is no column; only customers that a list ordered by changes has read have it. */
  clvChange?: Omit<ClvChange, 'customerId' | 'customer'> | null;

  @CreatedAt()
  createdAt: Date;

  @UpdatedAt()
  updatedAt: Date;
}
