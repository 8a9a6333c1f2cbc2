import { Field, Float } from 'type-graphql';

/** An amount in the currency that the type, or what it hangs on, names. */
export const money = (description?: string) => Field(() => Float, { simple: true, description });

export const nullableFloat = (description?: string) =>
  Field(() => Float, { simple: true, nullable: true, description });
