import { GraphQLDate } from 'graphql-scalars';
import { renamedScalar } from './renamed-scalar.js';

export const DateScalar = renamedScalar(GraphQLDate, {
  name: 'Date',
  description: 'A day in UTC, e.g. `2026-03-31`.',
  refusal: 'A Date is a text such as "2026-03-31".',
});
