import { GraphQLError, GraphQLScalarType, visit } from 'graphql';
import { GraphQLJSONObject } from 'graphql-scalars';
import { shortened } from '../../text.js';

const config = GraphQLJSONObject.toConfig();

/** The library's own scalar drops words without quotes, so that `attributes: { channel: social }` in a filter was no condition at all. */
export const JsonObjectScalar = new GraphQLScalarType({
  ...config,
  parseLiteral: (literal, variables) => {
    visit(literal, {
      EnumValue(node) {
        const word = shortened(node.value, 80);
        throw new GraphQLError(`JSON has no ${word}. Put a text in quotes: "${word}".`, { nodes: node });
      },
    });
    return config.parseLiteral(literal, variables);
  },
});
