import { Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../connection.js';
import { JsonObjectScalar } from '../scalars/json-object.scalar.js';
import { NodeType } from '../node.type.js';

@ObjectType('PersonalData', { description: 'What identifies a person. No model reads it.' })
export class PersonalDataType {
  @Field(() => String, { simple: true, nullable: true })
  name: string | null;

  @Field(() => String, { simple: true, nullable: true })
  email: string | null;

  @Field(() => String, { simple: true, nullable: true })
  phone: string | null;
}

@ObjectType('Customer', { implements: NodeType, description: 'A buyer.' })
export class CustomerType extends NodeType {
  @Field({ simple: true, description: "The shop's own id." })
  externalId: string;

  @Field({ simple: true, description: 'The system that the external id belongs to.' })
  source: string;

  @Field(() => String, { simple: true, nullable: true })
  country: string | null;

  @Field(() => JsonObjectScalar, { simple: true, description: "Free fields of the shop's own." })
  attributes: Record<string, unknown>;

  @Field({
    simple: true,
    description: 'When the customer was first heard of: sent itself, or named by an order or an event.',
  })
  createdAt: Date;

  @Field({
    simple: true,
    description: 'When country, attributes or personal data last changed. Orders and events do not change it.',
  })
  updatedAt: Date;
}

export const CustomerConnection = connectionOf('Customer', CustomerType);
