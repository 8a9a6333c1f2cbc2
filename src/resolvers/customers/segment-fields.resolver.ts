import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, Extensions, FieldResolver, Float, Info, Int, Resolver, Root } from 'type-graphql';
import type { Customer, Segment } from '../../entities/index.js';
import { IntervalArgs, TotalIntervalType } from '../../schema/customers/clv.type.js';
import { CustomerListArgs } from '../../schema/customers/customer.input.js';
import { CustomerConnection, CustomerType } from '../../schema/customers/customer.type.js';
import { SampleArgs } from '../../schema/customers/segment.input.js';
import { SegmentPreviewType, SegmentType } from '../../schema/customers/segment.type.js';
import type { CustomerPage } from '../../services/customers/customer-list.service.js';
import type { TotalInterval } from '../../services/totals/total-spend.js';
import { askedFor } from '../asked-for.js';
import { costOfCount } from './cost-of-count.js';
import type { RequestContext } from '../context.js';
import { pageWithinBudget } from '../page-within-budget.js';

const total =
  "Sum of the members' predictions, of the active model's last scoring of all customers; null before it, with the error " +
  'MODEL_NOT_READY where the filter itself needs predictions.';
const untold = 'Null with an error where it cannot be told: MODEL_NOT_READY before predictions that the filter needs.';
const mean = 'Mean prediction of the members, those without one counted as 0; null where the sum is.';

const spent = "Sum of the members' `Customer.totalSpent`.";

/** Count, sum and mean of the predictions are found in one pass over the customers. */
const worth = Extensions({ complexity: costOfCount, together: 'worth' });
const anotherPass = Extensions({ complexity: costOfCount });

@Resolver(() => SegmentType)
export class SegmentFieldsResolver {
  @worth
  @FieldResolver(() => Int, { nullable: true, description: `Members now. ${untold}` })
  async count(@Root() { filter }: Segment, @Ctx() { loaders }: RequestContext): Promise<number> {
    return (await loaders.worthByFilter.load(filter)).count;
  }

  @worth
  @FieldResolver(() => Float, { nullable: true, description: total })
  async totalPredictedClv(@Root() { filter }: Segment, @Ctx() { loaders }: RequestContext): Promise<number | null> {
    return (await loaders.worthByFilter.load(filter)).totalPredicted;
  }

  @anotherPass
  @FieldResolver(() => TotalIntervalType, {
    nullable: true,
    description: 'Of `totalPredictedClv`; null where that is.',
  })
  totalInterval(
    @Root() { filter }: Segment,
    @Args(() => IntervalArgs) { level }: IntervalArgs,
    @Ctx() { services }: RequestContext,
  ): Promise<TotalInterval | null> {
    return services.segments.totalInterval(filter, level);
  }

  @worth
  @FieldResolver(() => Float, { nullable: true, description: mean })
  async meanPredictedClv(@Root() { filter }: Segment, @Ctx() { loaders }: RequestContext): Promise<number | null> {
    return (await loaders.worthByFilter.load(filter)).meanPredicted;
  }

  @anotherPass
  @FieldResolver(() => Float, { nullable: true, description: `${spent} ${untold}` })
  totalSpent(@Root() { filter }: Segment, @Ctx() { loaders }: RequestContext): Promise<number> {
    return loaders.spentByFilter.load(filter);
  }

  @FieldResolver(() => CustomerConnection, {
    nullable: true,
    description: `Most valuable first unless \`orderBy\` says otherwise; before the first scoring those who spent most. ${untold}`,
  })
  members(
    @Root() { filter }: Segment,
    @Args(() => CustomerListArgs) page: CustomerListArgs,
    @Ctx() { loaders }: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<CustomerPage> {
    const asked = askedFor(info, 'edges', 'node');
    return loaders.membersBySegment.load({ ...page, filter, asked });
  }
}

@Resolver(() => SegmentPreviewType)
export class SegmentPreviewResolver {
  @worth
  @FieldResolver(() => Int)
  async count(@Root() { filter }: SegmentPreviewType, @Ctx() { loaders }: RequestContext): Promise<number> {
    return (await loaders.worthByFilter.load(filter)).count;
  }

  @worth
  @FieldResolver(() => Float, { nullable: true, description: total })
  async totalPredicted(
    @Root() { filter }: SegmentPreviewType,
    @Ctx() { loaders }: RequestContext,
  ): Promise<number | null> {
    return (await loaders.worthByFilter.load(filter)).totalPredicted;
  }

  @anotherPass
  @FieldResolver(() => TotalIntervalType, { nullable: true, description: 'Of `totalPredicted`; null where that is.' })
  totalInterval(
    @Root() { filter }: SegmentPreviewType,
    @Args(() => IntervalArgs) { level }: IntervalArgs,
    @Ctx() { services }: RequestContext,
  ): Promise<TotalInterval | null> {
    return services.segments.totalInterval(filter, level);
  }

  @worth
  @FieldResolver(() => Float, { nullable: true, description: mean })
  async meanPredicted(
    @Root() { filter }: SegmentPreviewType,
    @Ctx() { loaders }: RequestContext,
  ): Promise<number | null> {
    return (await loaders.worthByFilter.load(filter)).meanPredicted;
  }

  @anotherPass
  @FieldResolver(() => Float, { description: spent })
  totalSpent(@Root() { filter }: SegmentPreviewType, @Ctx() { loaders }: RequestContext): Promise<number> {
    return loaders.spentByFilter.load(filter);
  }

  @FieldResolver(() => [CustomerType], {
    description: 'The most valuable ones; before the first scoring those who spent most.',
  })
  async sample(
    @Root() { filter }: SegmentPreviewType,
    @Args(() => SampleArgs) page: SampleArgs,
    @Ctx() { services, budget }: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Customer[]> {
    const asked = askedFor(info);
    const read = () => services.segments.members(filter, { ...page, asked });
    const { edges } = await pageWithinBudget(budget, asked, read);
    return edges.map(({ node }) => node);
  }
}
