import type { BehaviorEventType } from '../../entities/index.js';

/** Items that one call may bring. */
export const maximumBatchSize = 1_000;

export const itemStatuses = ['CREATED', 'UPDATED', 'UNCHANGED', 'DELETED', 'UNKNOWN', 'REJECTED'] as const;
export type ItemStatus = (typeof itemStatuses)[number];

/** What became of one item of a batch. */
export interface ItemResult {
  /** Position in the batch, from 0. */
  readonly index: number;
  readonly externalId: string | null;
  readonly status: ItemStatus;
  /** Why it was rejected. */
  readonly reason?: string;
}

export interface UpsertOptions {
  /** The system that the external ids belong to; `default` where not given. */
  readonly source?: string;
}

export interface UpsertOrdersOptions extends UpsertOptions {
  /** Currency of new orders that name none. */
  readonly currency: string;
}

/** In all inputs: an absent field leaves what is there, null or an empty text clears a text. Ids are text. */
export interface CustomerInput {
  readonly externalId: string;
  readonly country?: string | null;
  /** Added to those there; a null in it removes that attribute, null itself leaves them. Never personal data. */
  readonly attributes?: Readonly<Record<string, unknown>> | null;
  /** Null leaves it; a null in it clears that field. */
  readonly personalData?: PersonalDataInput | null;
}

/** Kept apart from everything that a model reads. */
export interface PersonalDataInput {
  readonly name?: string | null;
  readonly email?: string | null;
  readonly phone?: string | null;
}

export interface ProductInput {
  readonly externalId: string;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly category?: string | null;
  /** What its picture shows. */
  readonly pictureCaption?: string | null;
  /** A decimal; null leaves it. */
  readonly price?: string | number | null;
  /** False for postage, fees, vouchers; null leaves it. */
  readonly merchandise?: boolean | null;
}

/** Given again, what it names is replaced, its lines as a whole. */
export interface OrderInput {
  readonly externalId: string;
  /** Created if unknown. Absent or null for an anonymous sale; an order that has a customer keeps it. */
  readonly customerExternalId?: string | null;
  readonly placedAt: Date | string;
  readonly currency?: string | null;
  /** Sum of the lines where not given; an order that is new needs one of the two. */
  readonly total?: string | number | null;
  /** Sum of the lines' quantities where not given. */
  readonly itemCount?: number | null;
  /** Absent or null leaves the lines that are there. */
  readonly lines?: readonly OrderLineInput[] | null;
}

export interface OrderLineInput {
  /** Created if unknown. */
  readonly productExternalId?: string | null;
  /** Negative for returns. */
  readonly quantity: number;
  readonly unitPrice: string | number;
}

/** The same external id at the same instant is the same event. */
export interface EventInput {
  readonly externalId: string;
  /** Created if unknown. */
  readonly customerExternalId: string;
  readonly type: BehaviorEventType;
  readonly occurredAt: Date | string;
  /** Created if unknown. */
  readonly productExternalId?: string | null;
  readonly text?: string | null;
  readonly attributes?: Readonly<Record<string, unknown>> | null;
}

/** What tells an event from all others of its source. */
export type EventKey = Pick<EventInput, 'externalId' | 'occurredAt'>;
