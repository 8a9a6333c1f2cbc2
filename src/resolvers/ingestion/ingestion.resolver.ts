import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import {
  CustomerInput,
  EventInput,
  EventKeyInput,
  OrderInput,
  ProductInput,
} from '../../schema/ingestion/ingestion.input.js';
import { BatchResultType, DeletionResultType, ErasureType } from '../../schema/ingestion/ingestion.type.js';
import type { Erasure } from '../../services/ingestion/live/erasure.js';
import type { BatchResult, DeletionResult } from '../../services/ingestion/live-ingestion.service.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';

/** Items are checked one by one in the services. */
const items = { validate: false };
const source = { defaultValue: 'default', description: 'The system that the external ids belong to.' };

@Resolver()
export class IngestionResolver {
  @Allow('MARKETER')
  @Mutation(() => BatchResultType, { description: 'Creates or updates up to 1,000 customers.' })
  upsertCustomers(
    @Arg('customers', () => [CustomerInput], items) customers: CustomerInput[],
    @Arg('source', () => String, source) sourceName: string,
    @Ctx() { services }: RequestContext,
  ): Promise<BatchResult> {
    return services.ingestion.customers(customers, sourceName);
  }

  @Allow('MARKETER')
  @Mutation(() => BatchResultType, { description: 'Creates or updates up to 1,000 products.' })
  upsertProducts(
    @Arg('products', () => [ProductInput], items) products: ProductInput[],
    @Arg('source', () => String, source) sourceName: string,
    @Ctx() { services }: RequestContext,
  ): Promise<BatchResult> {
    return services.ingestion.products(products, sourceName);
  }

  @Allow('MARKETER')
  @Mutation(() => BatchResultType, { description: 'Creates or updates up to 1,000 orders with their lines.' })
  upsertOrders(
    @Arg('orders', () => [OrderInput], items) orders: OrderInput[],
    @Arg('source', () => String, source) sourceName: string,
    @Ctx() { services }: RequestContext,
  ): Promise<BatchResult> {
    return services.ingestion.orders(orders, sourceName);
  }

  @Allow('MARKETER')
  @Mutation(() => BatchResultType, { description: 'Records up to 1,000 events.' })
  recordEvents(
    @Arg('events', () => [EventInput], items) events: EventInput[],
    @Arg('source', () => String, source) sourceName: string,
    @Ctx() { services }: RequestContext,
  ): Promise<BatchResult> {
    return services.ingestion.events(events, sourceName);
  }

  @Allow('MARKETER')
  @Mutation(() => DeletionResultType, {
    description:
      'Deletes up to 1,000 orders with their lines, as if they had never existed. Their customers and products stay. ' +
      'An order that is imported or sent again comes back.',
  })
  deleteOrders(
    @Arg('externalIds', () => [String]) externalIds: string[],
    @Arg('source', () => String, source) sourceName: string,
    @Ctx() { services }: RequestContext,
  ): Promise<DeletionResult> {
    return services.ingestion.deleteOrders(externalIds, sourceName);
  }

  @Allow('MARKETER')
  @Mutation(() => DeletionResultType, {
    description:
      'Deletes up to 1,000 events, as if they had never existed. An event that is imported or sent again comes back.',
  })
  deleteEvents(
    @Arg('events', () => [EventKeyInput], items) events: EventKeyInput[],
    @Arg('source', () => String, source) sourceName: string,
    @Ctx() { services }: RequestContext,
  ): Promise<DeletionResult> {
    return services.ingestion.deleteEvents(events, sourceName);
  }

  @Allow('ADMIN')
  @Mutation(() => ErasureType, {
    description:
      'Removes up to 1,000 customers for good, with everything that is kept about them: personal data, orders, events, predictions, ' +
      'explanations and what snapshots hold. Models that learnt from them stay until they are retrained.',
  })
  eraseCustomers(
    @Arg('externalIds', () => [String]) externalIds: string[],
    @Arg('source', () => String, source) sourceName: string,
    @Ctx() { services }: RequestContext,
  ): Promise<Erasure> {
    return services.ingestion.erase(externalIds, sourceName);
  }
}
