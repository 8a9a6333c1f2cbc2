import { GraphQLDateTimeISO } from 'graphql-scalars';
import { renamedScalar } from './renamed-scalar.js';

export const DateTimeScalar = renamedScalar(GraphQLDateTimeISO, {
  name: 'DateTime',
  description: 'An instant in UTC, e.g. `2026-03-31T08:15:00.000Z` (RFC 3339).',
  refusal: 'A DateTime is a text with date, time and time zone, such as "2026-03-31T08:15:00Z".',
});
