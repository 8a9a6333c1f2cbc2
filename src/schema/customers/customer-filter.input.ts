import { Extensions, Field, Float, InputType, Int } from 'type-graphql';
import type { BehaviorEventType, CampaignGroup, ClvTier } from '../../entities/index.js';
import type {
  CampaignMembership,
  CustomerFilter,
  EventCount,
  Range,
  TierChange,
} from '../../services/customers/customer-filter.types.js';
import { BehaviorEventTypeEnum } from '../ingestion/behavior-event.enum.js';
import { CampaignGroupEnum } from '../campaigns/campaign.enum.js';
import { ClvTierEnum } from './clv.enum.js';
import { JsonObjectScalar } from '../scalars/json-object.scalar.js';
import {
  mostConditions,
  mostEventCounts,
  mostExternalIds,
  mostLevels,
  mostPurchases,
} from '../../services/customers/filters/customer-filter.js';
import { longestList, longestText, mostDays } from '../../services/customers/filters/customer-filter-values.js';
import { maximumIdLength } from '../../services/ingestion/values.js';

/** Cost of a condition, since each is evaluated for all customers. */
const complexity = 20;
/** Cost of a condition that goes through all order lines or events. */
const goesThroughAll = Extensions({ complexity: 1_000 });

@InputType({ description: 'Both ends included; an end that is left out is open.' })
class FloatRangeInput implements Range {
  @Field(() => Float, { nullable: true })
  min?: number | null;

  @Field(() => Float, { nullable: true })
  max?: number | null;
}

@InputType({ description: 'Both ends included; an end that is left out is open.' })
class IntRangeInput implements Range {
  @Field(() => Int, { nullable: true })
  min?: number | null;

  @Field(() => Int, { nullable: true })
  max?: number | null;
}

@InputType({ description: 'How often something was done; at least once where neither `min` nor `max` is given.' })
class EventCountInput implements EventCount {
  @goesThroughAll
  @Field(() => BehaviorEventTypeEnum)
  type: BehaviorEventType;

  @Field(() => Int, { nullable: true })
  min?: number | null;

  @Field(() => Int, { nullable: true })
  max?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `Days before the as-of date that count, 1 to ${mostDays}; all if not given.`,
  })
  lastDays?: number | null;
}

@InputType({ description: 'Whom a campaign that was started reaches, or holds out.' })
class CampaignMembershipInput implements CampaignMembership {
  @Field({ description: 'Of the campaign.' })
  name: string;

  @Field(() => CampaignGroupEnum, { nullable: true, description: 'Both if not given.' })
  group?: CampaignGroup | null;
}

@InputType({
  description:
    'The last change of tier in lists, which may be the first tier of all. Of two changes only the second counts.',
})
class TierChangeInput implements TierChange {
  @Field(() => [ClvTierEnum], {
    nullable: true,
    description: 'The tier before was one of these; customers without one do not match.',
  })
  from?: ClvTier[] | null;

  @Field(() => [ClvTierEnum], { nullable: true, description: 'The tier since then is one of these.' })
  to?: ClvTier[] | null;

  @Field(() => Date, { nullable: true, description: 'Later than this instant.' })
  since?: Date | null;

  @Field(() => Int, {
    nullable: true,
    description: `Within this many days before now, 1 to ${mostDays}: for segments, whose filters are kept.`,
  })
  lastDays?: number | null;
}

const range = (description: string) => Field(() => FloatRangeInput, { nullable: true, description });
const scored = "Of the active model's last scoring of all customers";

@InputType({
  description:
    'Customers who match everything that is given; an empty filter matches all. A customer without a prediction counts as ' +
    'one with the value 0, in the lowest tier. ' +
    `At most ${mostConditions} conditions, with ${mostLevels} levels of \`and\`, \`or\` and \`not\`; ` +
    `lists of 1 to ${longestList} items; texts of at most ${longestText} characters, ids of ${maximumIdLength}. The as-of date is ` +
    "that of the active model's last scoring of all customers; before there is one, that of `Clv`.",
})
@Extensions({ complexity })
export class CustomerFilterInput implements CustomerFilter {
  @range(`Predicted value, in cents as it is shown. ${scored}.`)
  clv?: FloatRangeInput | null;

  @range(`Share of the other customers with a lower predicted value, 0 to 100. ${scored}.`)
  percentile?: FloatRangeInput | null;

  @range(`0 to 1. ${scored}.`)
  purchaseProbability?: FloatRangeInput | null;

  @range(`0 to 1. ${scored}.`)
  churnProbability?: FloatRangeInput | null;

  @range(`Expected purchases in the horizon. ${scored}.`)
  predictedOrders?: FloatRangeInput | null;

  @Field(() => [ClvTierEnum], { nullable: true, description: 'In one of these.' })
  tier?: ClvTier[] | null;

  @Field(() => Date, {
    nullable: true,
    description:
      'Value or tier changed in lists later than this: `Customer.clvChange` says what counts as a change. To miss none, take ' +
      'the newest `clvChange.at` that was read, not the time of a clock.',
  })
  changedSince?: Date | null;

  @Field(() => TierChangeInput, { nullable: true })
  tierChange?: TierChangeInput | null;

  @Field(() => IntRangeInput, {
    nullable: true,
    description:
      'Days from the as-of date to `Clv.expectedNextOrderDate`, e.g. at most 14 for those who are due within two weeks; 0 ' +
      `for regular buyers who are overdue. ${scored}. Customers without a prediction match no range.`,
  })
  nextOrderDays?: IntRangeInput | null;

  @Field(() => IntRangeInput, {
    nullable: true,
    description:
      'Days from the last purchase (`Customer.lastOrderDate`) to the as-of date. Customers who have not bought match no range. A ' +
      'return of an earlier order on the day of a purchase may leave no purchase on it: date it back to that order, or to ' +
      'the day before.',
  })
  recencyDays?: IntRangeInput | null;

  @Field(() => IntRangeInput, {
    nullable: true,
    description:
      'Days from the first purchase (`Customer.firstOrderDate`) to the as-of date, e.g. 1 to 30 for new customers; 0 or less ' +
      'for those who came on that date or since, and have no prediction. Customers who have not bought match no range.',
  })
  tenureDays?: IntRangeInput | null;

  @Field(() => IntRangeInput, { nullable: true, description: 'Number of orders (`Customer.numberOfOrders`).' })
  orders?: IntRangeInput | null;

  @range('Net spend up to now (`Customer.totalSpent`).')
  spend?: FloatRangeInput | null;

  @range(
    'Mean value of a purchase, in cents as it is shown; what was bought on one day, less what came back on it, is one purchase. ' +
      'Up to now, whereas `Clv.averageOrderValue` ends before the as-of date.',
  )
  averageOrderValue?: FloatRangeInput | null;

  @range(
    'Mean days from a purchase to the next. Up to now, whereas `Clv.averageDaysBetweenOrders` ends before the as-of date.',
  )
  averageDaysBetweenOrders?: FloatRangeInput | null;

  @Field(() => [String], { nullable: true, description: 'One of these, as recorded.' })
  country?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: `The shop's own id is one of these, at most ${mostExternalIds}; in any source, unlike \`Query.customer\`, unless \`source\` says which.`,
  })
  externalId?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'One of these.' })
  source?: string[] | null;

  @Field(() => [String], {
    nullable: true,
    description: 'Bought something of one of these categories, written exactly as recorded, capitals included.',
  })
  boughtCategory?: string[] | null;

  @goesThroughAll
  @Field(() => String, {
    nullable: true,
    description: `Bought a product with this text in its name, in upper or lower case; at most ${mostPurchases} in a whole filter.`,
  })
  boughtProduct?: string | null;

  @Field(() => [EventCountInput], {
    nullable: true,
    description: `All of these, at most ${mostEventCounts} in a whole filter.`,
  })
  eventCounts?: EventCountInput[] | null;

  @Field(() => CampaignMembershipInput, {
    nullable: true,
    description: 'Is a member of this campaign; nobody is if no campaign has this name, or has it any longer.',
  })
  campaign?: CampaignMembershipInput | null;

  @Field(() => JsonObjectScalar, { nullable: true, description: 'Each of these with exactly this value.' })
  attributes?: Record<string, unknown> | null;

  @Field(() => [CustomerFilterInput], { nullable: true, description: 'Matches all of these.' })
  and?: CustomerFilterInput[] | null;

  @Field(() => [CustomerFilterInput], { nullable: true, description: 'Matches at least one of these.' })
  or?: CustomerFilterInput[] | null;

  @Field(() => CustomerFilterInput, { nullable: true, description: 'Does not match this.' })
  not?: CustomerFilterInput | null;
}
