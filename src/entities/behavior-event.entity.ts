import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { Json, Reference, Text } from './columns.js';

export const behaviorEventTypes = [
  'BROWSE',
  'SEARCH',
  'CLICK',
  'CART',
  'EMAIL_OPEN',
  'SUPPORT_TICKET',
  'REVIEW',
] as const;
export type BehaviorEventType = (typeof behaviorEventTypes)[number];

/** Something a customer did besides buying. The table is partitioned by month of `occurredAt`. */
@Entity('behavior_event')
@Index(['customerId', 'occurredAt'])
@Index(['source', 'externalId', 'occurredAt'], { unique: true })
export class BehaviorEvent {
  @Column({ type: 'bigint', generated: 'identity', generatedIdentity: 'BY DEFAULT', primary: true })
  id: string;

  @PrimaryColumn({ type: 'timestamptz' })
  occurredAt: Date;

  @Text({ default: 'default' })
  source: string;

  @Text()
  externalId: string;

  @Reference()
  customerId: string;

  @Column({ type: 'enum', enum: behaviorEventTypes, enumName: 'behavior_event_type' })
  type: BehaviorEventType;

  @Reference({ nullable: true })
  productId: string | null;

  /** What was searched for, or written in the ticket or review. */
  @Text({ nullable: true })
  text: string | null;

  @Json({ default: {} })
  attributes: Record<string, unknown>;
}
