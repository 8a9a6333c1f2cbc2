import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, Extensions, FieldResolver, Info, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Campaign, CampaignGroup } from '../../entities/index.js';
import { CampaignEffectArgs, StartCampaignArgs } from '../../schema/campaigns/campaign.input.js';
import { CampaignConnection, CampaignEffectType, CampaignType } from '../../schema/campaigns/campaign-record.type.js';
import { campaignErrors, CampaignResultUnion } from '../../schema/campaigns/campaign-record.union.js';
import { PageArgs } from '../../schema/connection.js';
import { CustomerListArgs } from '../../schema/customers/customer.input.js';
import { CustomerConnection } from '../../schema/customers/customer.type.js';
import { resultOf } from '../../schema/error-result.type.js';
import { optionalLocalId } from '../../schema/global-id.js';
import type { MeasuredEffect } from '../../services/campaigns/campaign-records.service.js';
import type { CustomerPage } from '../../services/customers/customer-list.service.js';
import type { Page } from '../../services/paging.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';
import { IdArg } from '../id-arg.js';
import { connectionWithinBudget } from '../page-within-budget.js';

const listed =
  'In order of creation unless `orderBy` says otherwise. Null with the error MODEL_NOT_READY where that needs ' +
  'predictions of all customers before there are any.';

@Resolver(() => CampaignType)
export class CampaignRecordsResolver {
  @Allow('VIEWER')
  @Query(() => CampaignConnection, { description: 'Those that were started, newest first.' })
  campaigns(@Args(() => PageArgs) page: PageArgs, @Ctx() { services }: RequestContext): Promise<Page<Campaign>> {
    return services.campaignRecords.page(page);
  }

  @Allow('VIEWER')
  @Query(() => CampaignType, { nullable: true, description: 'One that was started.' })
  campaign(@IdArg('Campaign') id: string, @Ctx() { services }: RequestContext): Promise<Campaign | null> {
    return services.campaignRecords.find(id);
  }

  @Allow('MARKETER')
  @Mutation(() => CampaignResultUnion, {
    description:
      'Records whom `campaignPlan` with the same arguments contacts and holds out, so that the effect can be measured ' +
      'later. Call it before anybody is contacted. BAD_USER_INPUT for terms that make no sense.',
  })
  startCampaign(
    @Args(() => StartCampaignArgs) { segment, ...start }: StartCampaignArgs,
    @Ctx() { services }: RequestContext,
  ) {
    const segmentId = optionalLocalId('Segment', segment);
    return resultOf(campaignErrors, services.campaignRecords.start({ ...start, segmentId }));
  }

  @Allow('MARKETER')
  @Mutation(() => CampaignResultUnion, {
    description:
      'Also forgets whom it reached: in its answer, `contacted` and `control` are empty, and `effect` is null.',
  })
  deleteCampaign(@IdArg('Campaign') id: string, @Ctx() { services }: RequestContext) {
    return resultOf(campaignErrors, services.campaignRecords.delete(id));
  }

  @FieldResolver(() => CustomerConnection, {
    nullable: true,
    description: `To be contacted, whatever has been scored since. ${listed}`,
  })
  contacted(
    @Root() campaign: Campaign,
    @Args(() => CustomerListArgs) page: CustomerListArgs,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<CustomerPage> {
    return membersOf(campaign, 'CONTACTED', page, context, info);
  }

  @FieldResolver(() => CustomerConnection, {
    nullable: true,
    description: `Held out, so not to be contacted. ${listed}`,
  })
  control(
    @Root() campaign: Campaign,
    @Args(() => CustomerListArgs) page: CustomerListArgs,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<CustomerPage> {
    return membersOf(campaign, 'CONTROL', page, context, info);
  }

  // The default of CLVGRAPH_MAX_QUERY_COST allows it on a page without `first`, and hardly on a longer one.
  @Extensions({ complexity: 4_500 })
  @FieldResolver(() => CampaignEffectType, {
    nullable: true,
    description:
      'Null before the first day is over and its orders are there, and where erasures left fewer than two customers in a group; ' +
      'with the error CONFLICT where orders of customers are in more than one currency, or in another one than ' +
      '`Campaign.currency`.',
  })
  effect(
    @Root() campaign: Campaign,
    @Args(() => CampaignEffectArgs) { days }: CampaignEffectArgs,
    @Ctx() { services }: RequestContext,
  ): Promise<MeasuredEffect | null> {
    return services.campaignRecords.effect(campaign, days);
  }
}

function membersOf(
  { name }: Campaign,
  group: CampaignGroup,
  page: CustomerListArgs,
  context: RequestContext,
  info: GraphQLResolveInfo,
): Promise<CustomerPage> {
  const filter = { campaign: { name, group } };
  const { customerLists } = context.services;
  return connectionWithinBudget(info, context, (asked) => customerLists.page({ ...page, filter, asked }));
}
