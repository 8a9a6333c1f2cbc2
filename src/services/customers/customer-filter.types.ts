import type { BehaviorEventType, CampaignGroup, ClvTier } from '../../entities/index.js';

/** What names a person, each as somebody says or writes it; at least one. */
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

/** Whom a campaign that was started reaches, or holds out. */
export interface CampaignMembership {
  readonly name: string;
  /** Both where not given. */
  readonly group?: CampaignGroup | null;
}

/**
 * The last change of tier that was noted in lists, the first tier of all included. Times as text where they were read from
 * JSON.
 */
export interface TierChange {
  /** The tier before was one of these. */
  readonly from?: readonly ClvTier[] | null;
  /** The tier since then is one of these. */
  readonly to?: readonly ClvTier[] | null;
  /** Noted later than this. */
  readonly since?: Date | string | null;
  /** Noted in so many days before now. */
  readonly lastDays?: number | null;
}

/**
 * Which customers: those that fit everything given; `{}` is all of them. Kept as JSON in `Segment.filter`.
 * `clv` to `tier` look at the active model's last scoring of the whole base, where a customer without a prediction
 * counts as one with the value 0, in the lowest tier, as everywhere.
 */
export interface CustomerFilter {
  readonly clv?: Range | null;
  readonly percentile?: Range | null;
  readonly purchaseProbability?: Range | null;
  readonly churnProbability?: Range | null;
  readonly predictedOrders?: Range | null;
  readonly tier?: readonly ClvTier[] | null;
  /** Value or tier in lists changed, and that was noted later than this. */
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
  /** Each with exactly this value. */
  readonly attributes?: Readonly<Record<string, unknown>> | null;
  /** Whose personal data are these. No filter of a caller's has it: only those may ask who may read personal data. */
  readonly person?: PersonSearch;
  readonly and?: readonly CustomerFilter[] | null;
  readonly or?: readonly CustomerFilter[] | null;
  readonly not?: CustomerFilter | null;
}
