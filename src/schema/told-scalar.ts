import { GraphQLError, GraphQLScalarType } from 'graphql';

interface Telling {
  readonly name: string;
  readonly description: string;
  /** What callers are told about any other value. */
  readonly refusal: string;
}

/** The scalar under a name of ours, which says what it takes where it refuses. */
export function toldScalar<In, Out>(scalar: GraphQLScalarType<In, Out>, { refusal, ...names }: Telling) {
  const config = scalar.toConfig();
  return new GraphQLScalarType<In, Out>({
    ...config,
    ...names,
    parseValue: (value) => {
      try {
        return config.parseValue(value);
      } catch {
        throw new GraphQLError(refusal);
      }
    },
    parseLiteral: (node, variables) => {
      try {
        return config.parseLiteral(node, variables);
      } catch {
        throw new GraphQLError(refusal, { nodes: node });
      }
    },
  });
}
