import { GraphQLDate } from 'graphql-scalars';
import { toldScalar } from './told-scalar.js';

export const DateScalar = toldScalar(GraphQLDate, {
  name: 'Date',
  description: 'A day in UTC, e.g. `2026-03-31`.',
  refusal: 'A Date is a text such as "2026-03-31".',
});
