import { GraphQLScalarType } from 'graphql';
import { GraphQLDate } from 'graphql-scalars';

export const DateScalar = new GraphQLScalarType({
  ...GraphQLDate.toConfig(),
  name: 'Date',
  description: 'A day in UTC, e.g. `2026-03-31`.',
});
