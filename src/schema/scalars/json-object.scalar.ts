import { GraphQLError, GraphQLScalarType, Kind, visit } from 'graphql';
import { GraphQLJSONObject } from 'graphql-scalars';
import { isJsonObject } from '../../json-object.js';
import { shortened } from '../../text.js';

const config = GraphQLJSONObject.toConfig();
const refusal = 'A JSONObject is an object such as { channel: "social" }, not a text that holds one, nor a list.';

/** The library's own scalar drops words without quotes, so that `attributes: { channel: social }` in a filter was no condition at all. */
export const JsonObjectScalar = new GraphQLScalarType({
  ...config,
  parseValue: (value) => {
    if (!isJsonObject(value)) throw new GraphQLError(refusal);
    return value;
  },
  parseLiteral: (literal, variables) => {
    if (literal.kind !== Kind.OBJECT) throw new GraphQLError(refusal, { nodes: literal });
    visit(literal, {
      EnumValue(node) {
        const word = shortened(node.value, 80);
        throw new GraphQLError(`JSON has no ${word}. Put a text in quotes: "${word}".`, { nodes: node });
      },
    });
    return config.parseLiteral(literal, variables);
  },
});
