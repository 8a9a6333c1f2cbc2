import type { GraphQLResolveInfo } from 'graphql';
import { Args, Ctx, Extensions, FieldResolver, Info, Int, Query, Resolver, Root } from 'type-graphql';
import type { Customer } from '../../entities/index.js';
import { CustomerArgs, CustomersArgs, CustomersByPersonalDataArgs } from '../../schema/customers/customer.input.js';
import { CustomerConnection, CustomerType } from '../../schema/customers/customer.type.js';
import { optionalLocalId } from '../../schema/global-id.js';
import type { CustomerPage } from '../../services/customers/customer-list.service.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';
import { costOfCount } from './cost-of-count.js';
import { connectionWithinBudget } from '../page-within-budget.js';

@Resolver(() => CustomerConnection)
export class CustomersResolver {
  @Allow('VIEWER')
  @Query(() => CustomerType, {
    nullable: true,
    description:
      'By `id`, or by `externalId` in one source: "default" unless `source` names another. `customers` with the filter ' +
      '`externalId` looks in all of them.',
  })
  customer(
    @Args(() => CustomerArgs) { id, externalId, source }: CustomerArgs,
    @Ctx() { services }: RequestContext,
  ): Promise<Customer | null> {
    return services.customers.find({ id: optionalLocalId('Customer', id), externalId, source });
  }

  @Allow('VIEWER')
  @Query(() => CustomerConnection, {
    description:
      'In order of creation unless `orderBy` says otherwise. MODEL_NOT_READY, without any data, where `filter` or `orderBy` ' +
      'needs predictions of all customers before there are any.',
  })
  customers(
    @Args(() => CustomersArgs) request: CustomersArgs,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<CustomerPage> {
    const { customerLists } = context.services;
    return connectionWithinBudget(info, context, (asked) => customerLists.page({ ...request, asked }));
  }

  @Allow('MARKETER')
  @Query(() => CustomerConnection, {
    description:
      'Customers with exactly this e-mail address, telephone number or name; if several are given, all must match. ' +
      'At least one must be given. One person may be several customers, since each source has its own. Listed as `customers` are.',
  })
  customersByPersonalData(
    @Args(() => CustomersByPersonalDataArgs)
    { email, phone, name, filter, ...page }: CustomersByPersonalDataArgs,
    @Ctx() context: RequestContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<CustomerPage> {
    const named = { ...filter, person: { email, phone, name } };
    const { customerLists } = context.services;
    return connectionWithinBudget(info, context, (asked) => customerLists.page({ ...page, filter: named, asked }));
  }

  @Extensions({ complexity: costOfCount, ofWholeList: true })
  @FieldResolver(() => Int, { description: 'On all pages together. It is counted only when it is asked for.' })
  totalCount(@Root() { selection }: CustomerPage, @Ctx() { services }: RequestContext): Promise<number> {
    return services.customerLists.count(selection);
  }
}
