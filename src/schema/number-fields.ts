import { Field, Float } from 'type-graphql';

/** An amount in the currency of the type, or of the type that contains it. */
export const money = (description?: string) => Field(() => Float, { simple: true, description });

export const nullableFloat = (description?: string) =>
  Field(() => Float, { simple: true, nullable: true, description });
