import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, Extensions, FieldResolver, Float, Info, Int, Resolver, Root } from 'type-graphql';
import type { Customer, CustomerPersonalData, Segment } from '../../entities/index.js';
import { ClvChangeType } from '../../schema/customers/clv-change.type.js';
import { ClvArgs, ClvType } from '../../schema/customers/clv.type.js';
import { PageArgs } from '../../schema/connection.js';
import { BehaviorEventConnection, OrderConnection } from '../../schema/customers/customer-history.type.js';
import { CustomerType, PersonalDataType } from '../../schema/customers/customer.type.js';
import { DateScalar } from '../../schema/scalars/date.scalar.js';
import { SegmentType } from '../../schema/customers/segment.type.js';
import { type CustomerClvChange, toCustomerClvChange } from '../../services/customers/clv-changes.js';
import type { CustomerClv } from '../../services/predictions/customer-clv.js';
import {
  type HistoricEvent,
  type HistoricOrder,
  longColumns,
} from '../../services/customers/customer-history.service.js';
import type { Page } from '../../services/paging.js';
import { askedFor } from '../asked-for.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';

const lastPurchaseDay =
  'The last day on which more was bought than returned: a return of an earlier order is set off against what was ' +
  'bought on its day, so that there may be no purchase left on it. Give a return the date of its order, or ' +
  'the day before the purchase.';
const withoutOne = 'Null without such a day, even where `numberOfOrders` is not 0.';

@Resolver(() => CustomerType)
export class CustomerFieldsResolver {
  @FieldResolver(() => ClvType, { description: 'By the prior alone where no model is active.' })
  clv(
    @Root() { id: customerId, factsVersion }: Customer,
    @Args(() => ClvArgs) { horizonDays }: ClvArgs,
    @Ctx() { loaders, services }: RequestContext,
  ): Promise<CustomerClv> {
    const asked = horizonDays ?? services.clv.horizonDays;
    return loaders.clvByCustomerAndHorizon.load({ customerId, horizonDays: asked, factsVersion });
  }

  @FieldResolver(() => ClvChangeType, {
    nullable: true,
    description:
      'When value or tier last changed in lists, for the horizon that they read, and what they were before. Null until a ' +
      'scoring of all customers has a prediction of this one.',
  })
  async clvChange(
    @Root() { id, clvChange }: Customer,
    @Ctx() { loaders }: RequestContext,
  ): Promise<CustomerClvChange | null> {
    const change = clvChange === undefined ? await loaders.clvChangeByCustomer.load(id) : clvChange;
    return change && toCustomerClvChange(change);
  }

  @FieldResolver(() => DateScalar, {
    nullable: true,
    description: `The first day on which more was bought than returned. ${withoutOne}`,
  })
  async firstOrderDate(@Root() { id }: Customer, @Ctx() { loaders }: RequestContext): Promise<string | null> {
    return (await loaders.summaryByCustomer.load(id)).firstDay;
  }

  @FieldResolver(() => DateScalar, {
    nullable: true,
    description: `${lastPurchaseDay} ${withoutOne}`,
  })
  async lastOrderDate(@Root() { id }: Customer, @Ctx() { loaders }: RequestContext): Promise<string | null> {
    return (await loaders.summaryByCustomer.load(id)).lastDay;
  }

  @FieldResolver(() => Int, {
    description:
      'Orders in which something was bought, including those that were returned later; returns and orders of nothing but ' +
      'postage do not count.',
  })
  async numberOfOrders(@Root() { id }: Customer, @Ctx() { loaders }: RequestContext): Promise<number> {
    return (await loaders.summaryByCustomer.load(id)).orders;
  }

  @FieldResolver(() => Float, {
    description: 'Net spend up to now (see `Clv`). Not the sum of the totals of `orders`, which may include postage.',
  })
  async totalSpent(@Root() { id }: Customer, @Ctx() { loaders }: RequestContext): Promise<number> {
    return Number((await loaders.summaryByCustomer.load(id)).spend);
  }

  @FieldResolver(() => Float, { description: 'Value of what was returned or cancelled up to now.' })
  async totalReturned(@Root() { id }: Customer, @Ctx() { loaders }: RequestContext): Promise<number> {
    return Number((await loaders.summaryByCustomer.load(id)).returned);
  }

  @Allow('MARKETER')
  @FieldResolver(() => PersonalDataType, { nullable: true, description: 'Role: MARKETER.' })
  personalData(@Root() { id }: Customer, @Ctx() { loaders }: RequestContext): Promise<CustomerPersonalData | null> {
    return loaders.personalDataByCustomer.load(id);
  }

  @FieldResolver(() => OrderConnection, { description: 'Newest first, as recorded.' })
  orders(
    @Root() { id: customerId }: Customer,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: RequestContext,
  ): Promise<Page<HistoricOrder>> {
    return loaders.ordersByCustomer.load({ ...page, customerId });
  }

  @FieldResolver(() => BehaviorEventConnection, { description: 'Newest first.' })
  events(
    @Root() { id: customerId }: Customer,
    @Args(() => PageArgs) page: PageArgs,
    @Ctx() { loaders }: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<Page<HistoricEvent>> {
    const asked = askedFor(info, 'edges', 'node');
    return loaders.eventsByCustomer.load({ ...page, customerId, long: longColumns.filter((name) => asked.has(name)) });
  }

  @Extensions({ items: 20 })
  @FieldResolver(() => [SegmentType], {
    description:
      'The segments that the customer is in now, without those whose filter needs predictions of all customers before ' +
      'there are any.',
  })
  segments(@Root() { id }: Customer, @Ctx() { loaders }: RequestContext): Promise<Segment[]> {
    return loaders.segmentsByCustomer.load(id);
  }
}
