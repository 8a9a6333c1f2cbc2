import { Field, InputType, Int } from 'type-graphql';
import type { BehaviorEventType } from '../../entities/index.js';
import type * as upsert from '../../services/ingestion/live/upsert.schemas.js';
import { BehaviorEventTypeEnum } from './behavior-event.enum.js';
import { DecimalScalar } from '../scalars/decimal.scalar.js';
import { JsonObjectScalar } from '../scalars/json-object.scalar.js';

// Values are checked item by item in the services, so instants are text here: a wrong one rejects its item only.

const description =
  'A field that is left out keeps its value. Null or an empty text clears a text; null leaves anything that is not a ' +
  'text as it is.';
const addedAttributes =
  'Added to the existing ones. Null as a value removes that attribute; null in place of the object changes nothing.';

@InputType({
  description:
    'Kept apart from everything that a model reads. A field that is left out leaves what is there; null or an empty ' +
    'text clears it.',
})
class PersonalDataInput implements upsert.PersonalDataInput {
  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => String, { nullable: true })
  email?: string | null;

  @Field(() => String, { nullable: true })
  phone?: string | null;
}

@InputType({ description })
export class CustomerInput implements upsert.CustomerInput {
  @Field()
  externalId: string;

  @Field(() => String, { nullable: true })
  country?: string | null;

  @Field(() => JsonObjectScalar, { nullable: true, description: addedAttributes })
  attributes?: Record<string, unknown> | null;

  @Field(() => PersonalDataInput, {
    nullable: true,
    description: 'Null changes nothing; a null within it clears that field.',
  })
  personalData?: PersonalDataInput | null;
}

@InputType({ description })
export class ProductInput implements upsert.ProductInput {
  @Field()
  externalId: string;

  @Field(() => String, { nullable: true })
  name?: string | null;

  @Field(() => String, { nullable: true })
  description?: string | null;

  @Field(() => String, { nullable: true })
  category?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'What the picture shows, in a short sentence: models read it along with the name.',
  })
  pictureCaption?: string | null;

  @Field(() => DecimalScalar, { nullable: true })
  price?: string | number | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'False for postage, fees, vouchers: no feature counts them. Null leaves it as it is.',
  })
  merchandise?: boolean | null;
}

@InputType()
class OrderLineInput implements upsert.OrderLineInput {
  @Field(() => String, { nullable: true, description: 'Created if unknown.' })
  productExternalId?: string | null;

  @Field(() => Int, { description: 'Negative for returns.' })
  quantity: number;

  @Field(() => DecimalScalar)
  unitPrice: string | number;
}

@InputType({ description: 'Sending an order again replaces the fields that are given, and the lines as a whole.' })
export class OrderInput implements upsert.OrderInput {
  @Field()
  externalId: string;

  @Field(() => String, {
    nullable: true,
    description: 'Created if unknown. Null or left out for an anonymous sale; an order that has a customer keeps it.',
  })
  customerExternalId?: string | null;

  @Field({ description: 'ISO 8601 with an offset, e.g. `2026-03-31T08:15:00Z`, or a date: its first instant in UTC.' })
  placedAt: string;

  @Field(() => String, {
    nullable: true,
    description: 'Three capital letters. Default: unchanged; for a new order CLVGRAPH_CURRENCY.',
  })
  currency?: string | null;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'Default: the sum of the lines; an order that is new needs one of the two. An order with lines counts through ' +
      'these, whatever its total: lines of one product at the same quantity and price count once, lines without a ' +
      'product each by itself, and those with a price of 0 or less not at all.',
  })
  total?: string | number | null;

  @Field(() => Int, {
    nullable: true,
    description: "Default: the sum of the lines' quantities; without lines it stays as it is, 0 for a new order.",
  })
  itemCount?: number | null;

  @Field(() => [OrderLineInput], {
    nullable: true,
    description: 'If left out or null, existing lines stay; an empty list removes them, and needs `total`.',
  })
  lines?: OrderLineInput[] | null;
}

@InputType({ description: `The same external id at the same instant is the same event. ${description}` })
export class EventInput implements upsert.EventInput {
  @Field()
  externalId: string;

  @Field({ description: 'Created if unknown.' })
  customerExternalId: string;

  @Field(() => BehaviorEventTypeEnum)
  type: BehaviorEventType;

  @Field({ description: 'ISO 8601 with an offset, or a date: its first instant in UTC.' })
  occurredAt: string;

  @Field(() => String, { nullable: true, description: 'Created if unknown.' })
  productExternalId?: string | null;

  @Field(() => String, { nullable: true, description: 'What was searched for, or written in the ticket or review.' })
  text?: string | null;

  @Field(() => JsonObjectScalar, { nullable: true, description: addedAttributes })
  attributes?: Record<string, unknown> | null;
}

@InputType({ description: 'What identifies an event within its source.' })
export class EventKeyInput implements upsert.EventKey {
  @Field()
  externalId: string;

  @Field({ description: 'As it was recorded: ISO 8601 with an offset, or a date: its first instant in UTC.' })
  occurredAt: string;
}
