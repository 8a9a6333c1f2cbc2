import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

/**
 * Exact money. Whether the text is a decimal is checked where it is used, so that one wrong amount rejects one item of
 * a batch instead of the whole request.
 */
export const DecimalScalar = new GraphQLScalarType<string | number, string>({
  name: 'Decimal',
  description:
    'An exact decimal as text, e.g. `"19.99"`, with four decimals at most: more are rounded. Numbers are accepted, too.',
  serialize: String,
  parseValue: (value) => {
    if (typeof value === 'string' || typeof value === 'number') return value;
    throw new GraphQLError('A Decimal is a text such as "19.99", or a number.');
  },
  parseLiteral: (node) => {
    // As for a variable, 1e3 is 1000.
    if (node.kind === Kind.FLOAT && /e/i.test(node.value)) return Number(node.value);
    if (node.kind === Kind.STRING || node.kind === Kind.INT || node.kind === Kind.FLOAT) return node.value;
    throw new GraphQLError('A Decimal is a text such as "19.99", or a number.', { nodes: node });
  },
});
