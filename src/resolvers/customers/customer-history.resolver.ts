import { Ctx, Extensions, FieldResolver, Resolver, Root } from 'type-graphql';
import { BehaviorEventObjectType, OrderLineType, OrderType } from '../../schema/customers/customer-history.type.js';
import type {
  HistoricEvent,
  HistoricOrder,
  HistoricOrderLine,
} from '../../services/customers/customer-history.service.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';

@Resolver(() => OrderType)
export class OrderFieldsResolver {
  @Extensions({ items: 10 })
  @FieldResolver(() => [OrderLineType])
  lines(@Root() { id }: HistoricOrder, @Ctx() { loaders }: RequestContext): Promise<HistoricOrderLine[]> {
    return loaders.linesByOrder.load(id);
  }
}

@Resolver(() => BehaviorEventObjectType)
export class BehaviorEventFieldsResolver {
  @Allow('MARKETER')
  @FieldResolver(() => String, {
    nullable: true,
    description: 'What was searched for or written: it may name persons. Role: MARKETER.',
  })
  text(@Root() { text }: HistoricEvent): string | null {
    return text;
  }
}
