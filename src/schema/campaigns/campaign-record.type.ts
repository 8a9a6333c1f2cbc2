import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { Campaign } from '../../entities/index.js';
import type { Estimate, GroupSpend } from '../../services/campaigns/campaign-effect.js';
import type { MeasuredEffect } from '../../services/campaigns/campaign-records.service.js';
import { connectionOf } from '../connection.js';
import { DateScalar } from '../scalars/date.scalar.js';
import { NodeType } from '../node.type.js';
import { money } from '../number-fields.js';

const estimate = (description: string, nullable = false) =>
  Field(() => EstimateType, { simple: true, nullable, description });

@ObjectType('Campaign', {
  implements: NodeType,
  description: 'A campaign that was started, with the customers whom it reaches or holds out. Money in `currency`.',
})
export class CampaignType extends NodeType implements Omit<Campaign, 'startsOn'> {
  @Field({ simple: true })
  name: string;

  @Field(() => DateScalar, { simple: true, description: 'The first day, in UTC, on which spend counts.' })
  startsOn: string;

  @Field({ simple: true, description: 'ISO 4217.' })
  currency: string;

  @money('Of one customer.')
  contactCost: number;

  @Field(() => Float, { simple: true, description: 'Share of the revenue that is kept.' })
  margin: number;

  @Field(() => Float, { simple: true, description: 'Assumed relative increase of the spend.' })
  uplift: number;

  @Field(() => Float, {
    simple: true,
    description: 'Share of the candidates to hold out; how many that are is left to chance.',
  })
  controlShare: number;

  @Field(() => Int, { simple: true, description: 'Customers to contact, those who were erased since included.' })
  contacts: number;

  @Field({ simple: true })
  createdAt: Date;
}

export const CampaignConnection = connectionOf('Campaign', CampaignType);

@ObjectType('Estimate', { description: 'With a central 95 % interval.' })
class EstimateType implements Estimate {
  @Field(() => Float, { simple: true })
  value: number;

  @Field(() => Float, { simple: true })
  lower: number;

  @Field(() => Float, { simple: true })
  upper: number;
}

@ObjectType('GroupSpend', { description: "What a group's customers spent on the days that count." })
class GroupSpendType implements Pick<GroupSpend, 'customers' | 'buyers' | 'meanSpend' | 'meanPredicted'> {
  @Field(() => Int, { simple: true, description: 'Those who have not been erased since.' })
  customers: number;

  @Field(() => Int, { simple: true, description: 'Those of them who spent more than they returned.' })
  buyers: number;

  @money('Net spend per customer.')
  meanSpend: number;

  @money('Per customer, in the whole horizon, before the campaign: the more alike in both groups, the better the draw.')
  meanPredicted: number;
}

@ObjectType('CampaignEffect', {
  description:
    'What a campaign has brought, compared with not having it: the contacted against the control group, adjusted for ' +
    'differences of their predictions.',
})
export class CampaignEffectType implements MeasuredEffect {
  @Field(() => DateScalar, { simple: true, description: 'The first day that counts.' })
  from: Date;

  @Field(() => DateScalar, {
    simple: true,
    description: 'The last day that counts: that of `days`, or the last one that is over and whose orders are there.',
  })
  until: Date;

  @Field(() => GroupSpendType, { simple: true })
  contacted: GroupSpend;

  @Field(() => GroupSpendType, { simple: true })
  control: GroupSpend;

  @estimate('Net spend that a contact has caused, per customer.')
  spendPerCustomer: Estimate;

  @estimate('Of all contacts.')
  incrementalRevenue: Estimate;

  @estimate('`margin` * `incrementalRevenue` less what the contacts cost.')
  incrementalProfit: Estimate;

  @estimate('`incrementalProfit` over what the contacts cost. Null where they cost nothing.', true)
  returnOnInvestment: Estimate | null;

  @estimate(
    'Relative to what the contacted would have spent: the `uplift` and `upliftInterval` of a next plan. Null where ' +
      "the control group's spend cannot be told from 0.",
    true,
  )
  uplift: Estimate | null;
}
