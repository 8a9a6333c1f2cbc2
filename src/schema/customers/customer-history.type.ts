import { Field, Int, ObjectType } from 'type-graphql';
import type { BehaviorEventType } from '../../entities/index.js';
import type {
  HistoricEvent,
  HistoricOrder,
  HistoricOrderLine,
} from '../../services/customers/customer-history.service.js';
import { BehaviorEventTypeEnum } from '../ingestion/behavior-event.enum.js';
import { connectionOf } from '../connection.js';
import { DecimalScalar } from '../scalars/decimal.scalar.js';
import { JsonObjectScalar } from '../scalars/json-object.scalar.js';

const optionalText = () => Field(() => String, { simple: true, nullable: true });

@ObjectType('OrderLine', { description: 'One line of an order, as recorded.' })
export class OrderLineType implements Omit<HistoricOrderLine, 'orderId'> {
  @Field(() => Int, { simple: true, description: 'Negative for returns.' })
  quantity: number;

  @Field(() => DecimalScalar, { simple: true })
  unitPrice: string;

  @optionalText()
  productExternalId: string | null;

  @optionalText()
  productName: string | null;

  @optionalText()
  category: string | null;
}

@ObjectType('Order', { description: 'A purchase, a return or a cancellation, as recorded.' })
export class OrderType implements Omit<HistoricOrder, 'id'> {
  @Field({ simple: true, description: "The shop's own id." })
  externalId: string;

  @Field({ simple: true })
  source: string;

  @Field({ simple: true })
  placedAt: Date;

  @Field({ simple: true, description: 'ISO 4217.' })
  currency: string;

  @Field(() => DecimalScalar, { simple: true, description: 'Negative for returns.' })
  total: string;

  @Field(() => Int, { simple: true, description: 'Pieces; negative for returns.' })
  itemCount: number;
}

export const OrderConnection = connectionOf('Order', OrderType);

@ObjectType('BehaviorEvent', { description: 'Something that a customer did besides buying.' })
export class BehaviorEventObjectType implements Omit<HistoricEvent, 'text'> {
  @Field({ simple: true, description: "The shop's own id; one made from the row where a file had none." })
  externalId: string;

  @Field({ simple: true })
  source: string;

  @Field(() => BehaviorEventTypeEnum, { simple: true })
  type: BehaviorEventType;

  @Field({ simple: true })
  occurredAt: Date;

  @Field(() => JsonObjectScalar, { simple: true })
  attributes: Record<string, unknown>;

  @optionalText()
  productExternalId: string | null;

  @optionalText()
  productName: string | null;

  @optionalText()
  category: string | null;
}

export const BehaviorEventConnection = connectionOf('BehaviorEvent', BehaviorEventObjectType);
