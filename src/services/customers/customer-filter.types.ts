import type { BehaviorEventType, CampaignGroup, ClvTier } from '../../entities/index.js';

/** What identifies a person, as it is said or written; at least one field. */
export interface PersonSearch {
  readonly email?: string | null | undefined;
  readonly phone?: string | null | undefined;
  readonly name?: string | null | undefined;
}

/** Both ends included; an end that is not given is open. */
export interface Range {
  readonly min?: number | null;
  readonly max?: number | null;
}

/** How often something was done; at least once where neither end is given. */
export interface EventCount extends Range {
  readonly type: BehaviorEventType;
  /** Days before the as-of date that count; all where not given. */
  readonly lastDays?: number | null;
}

/** Members of a campaign that was started. */
export interface CampaignMembership {
  readonly name: string;
  /** Both groups where not given. */
  readonly group?: CampaignGroup | null;
}

/**
 * The last change of tier that was noted in lists, the first tier ever included. Times are texts where they were read from JSON.
 */
export interface TierChange {
  /** The previous tier is one of these. */
  readonly from?: readonly ClvTier[] | null;
  /** The tier since then is one of these. */
  readonly to?: readonly ClvTier[] | null;
  /** Noted later than this. */
  readonly since?: Date | string | null;
  /** Noted within so many days before now. */
  readonly lastDays?: number | null;
}

/**
 * Selects the customers who meet all given conditions; `{}` selects all. Stored as JSON in `Segment.filter`. `clv` to `tier` refer to the
 * active model's last scoring of the whole base, in which a customer without a prediction has the value 0 and the lowest tier.
 */
export interface CustomerFilter {
  readonly clv?: Range | null;
  readonly percentile?: Range | null;
  readonly purchaseProbability?: Range | null;
  readonly churnProbability?: Range | null;
  readonly predictedOrders?: Range | null;
  readonly tier?: readonly ClvTier[] | null;
  /** A change of value or tier in lists was noted later than this. */
  readonly changedSince?: Date | string | null;
  readonly tierChange?: TierChange | null;
  /** Days from the as-of date to the expected date of the next order. */
  readonly nextOrderDays?: Range | null;
  /** Days from the last purchase to the as-of date. */
  readonly recencyDays?: Range | null;
  /** Days from the first purchase to the as-of date. */
  readonly tenureDays?: Range | null;
  readonly orders?: Range | null;
  readonly spend?: Range | null;
  readonly averageOrderValue?: Range | null;
  readonly averageDaysBetweenOrders?: Range | null;
  readonly country?: readonly string[] | null;
  /** The shop's own ids, of any source. */
  readonly externalId?: readonly string[] | null;
  readonly source?: readonly string[] | null;
  readonly boughtCategory?: readonly string[] | null;
  /** Part of a product's name, in any case. */
  readonly boughtProduct?: string | null;
  readonly eventCounts?: readonly EventCount[] | null;
  readonly campaign?: CampaignMembership | null;
  /** Attributes that have exactly these values. */
  readonly attributes?: Readonly<Record<string, unknown>> | null;
  /** Personal data of the customer. Not part of filters of the API: only callers who may read personal data may ask for it. */
  readonly person?: PersonSearch;
  readonly and?: readonly CustomerFilter[] | null;
  readonly or?: readonly CustomerFilter[] | null;
  readonly not?: CustomerFilter | null;
}
