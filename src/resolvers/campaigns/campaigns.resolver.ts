import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, FieldResolver, Info, Int, Query, Resolver, Root } from 'type-graphql';
import type { CampaignGroup, Customer, ModelVersion } from '../../entities/index.js';
import { CampaignArgs } from '../../schema/campaigns/campaign.input.js';
import {
  CampaignOutcomeType,
  CampaignPlanType,
  CampaignUncertaintyType,
  MarginalCustomerType,
} from '../../schema/campaigns/campaign.type.js';
import { CustomersArgs } from '../../schema/customers/customer.input.js';
import { CustomerConnection, CustomerType } from '../../schema/customers/customer.type.js';
import { optionalLocalId } from '../../schema/global-id.js';
import { ModelVersionType } from '../../schema/models/model.type.js';
import type { CampaignOutcome, MarginalCustomer } from '../../services/campaigns/campaign-outcome.js';
import type { CampaignPlan } from '../../services/campaigns/campaign-plan.js';
import type { CampaignUncertainty } from '../../services/campaigns/campaign-uncertainty.js';
import type { CustomerPage } from '../../services/customers/customer-list.service.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';
import { connectionWithinBudget } from '../page-within-budget.js';

/** Cost of a field that reads the predictions of all customers. */
const ofWholeBase = 1_000;

@Resolver(() => CampaignPlanType)
export class CampaignsResolver {
  @Allow('VIEWER')
  @Query(() => CampaignPlanType, {
    nullable: true,
    description:
      "Plans a campaign over all customers with a prediction, a segment, or a filter, from the active model's last " +
      'scoring of all customers. Nothing is stored. Null with the error MODEL_NOT_READY before it, CONFLICT where ' +
      'orders of customers are in more than one currency or all customers were scored anew meanwhile, NOT_FOUND without ' +
      'such a segment, BAD_USER_INPUT for terms that make no sense.',
  })
  campaignPlan(
    @Args(() => CampaignArgs) { segment, ...offer }: CampaignArgs,
    @Ctx() { services }: RequestContext,
  ): Promise<CampaignPlan> {
    return services.campaigns.plan({ ...offer, segmentId: optionalLocalId('Segment', segment) });
  }

  @FieldResolver(() => Date)
  asOf(@Root() { period }: CampaignPlan): Date {
    return period.asOf;
  }

  @FieldResolver(() => Int, { description: 'Days over which the campaign is assumed to act.' })
  horizonDays(@Root() { period }: CampaignPlan): number {
    return period.horizonDays;
  }

  @FieldResolver(() => ModelVersionType, { nullable: true, description: 'The model that scored.' })
  model(@Root() { period }: CampaignPlan, @Ctx() { loaders }: RequestContext): Promise<ModelVersion | null> {
    return loaders.modelById.load(period.modelId);
  }

  @FieldResolver(() => CampaignOutcomeType, { complexity: ofWholeBase })
  expected(@Root() plan: CampaignPlan, @Ctx() { services }: RequestContext): Promise<CampaignOutcome> {
    return services.campaigns.expected(plan);
  }

  @FieldResolver(() => CampaignUncertaintyType, { complexity: ofWholeBase })
  uncertainty(@Root() plan: CampaignPlan, @Ctx() { services }: RequestContext): Promise<CampaignUncertainty> {
    return services.campaigns.uncertainty(plan);
  }

  @FieldResolver(() => CustomerConnection, {
    description:
      'Those to contact, the most valuable first unless `orderBy` says otherwise. `filter` shortens the list; ' +
      'who is contacted stays the same.',
    complexity: ofWholeBase,
  })
  customers(
    @Root() plan: CampaignPlan,
    @Args(() => CustomersArgs) request: CustomersArgs,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<CustomerPage> {
    return customersOf(plan, 'CONTACTED', request, context, info);
  }

  @FieldResolver(() => CustomerConnection, {
    description:
      'The control group: held out at random from those who would be contacted, so not to be contacted. Listed as ' +
      '`customers` are; empty without `control`.',
    complexity: ofWholeBase,
  })
  control(
    @Root() plan: CampaignPlan,
    @Args(() => CustomersArgs) request: CustomersArgs,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<CustomerPage> {
    return customersOf(plan, 'CONTROL', request, context, info);
  }
}

function customersOf(
  plan: CampaignPlan,
  group: CampaignGroup,
  request: CustomersArgs,
  context: RequestContext,
  info: GraphQLResolveInfo,
): Promise<CustomerPage> {
  const { campaigns } = context.services;
  return connectionWithinBudget(info, context, (asked) => campaigns.customers(plan, group, { ...request, asked }));
}

@Resolver(() => CampaignOutcomeType)
export class CampaignOutcomeResolver {
  @FieldResolver(() => MarginalCustomerType, { nullable: true, description: 'Null where nobody is contacted.' })
  marginalCustomer(@Root() { marginal }: CampaignOutcome): MarginalCustomer | null {
    return marginal;
  }
}

@Resolver(() => MarginalCustomerType)
export class MarginalCustomerResolver {
  @FieldResolver(() => CustomerType, { nullable: true, description: 'Null where the customer was erased meanwhile.' })
  customer(@Root() { customerId }: MarginalCustomer, @Ctx() { loaders }: RequestContext): Promise<Customer | null> {
    return loaders.customerById.load(customerId);
  }
}
