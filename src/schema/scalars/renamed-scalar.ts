import { GraphQLError, GraphQLScalarType } from 'graphql';

interface Renaming {
  readonly name: string;
  readonly description: string;
  /** The error for any other value. */
  readonly refusal: string;
}

/** A scalar under a name of ours, with an error that says which values it accepts. */
export function renamedScalar<In, Out>(scalar: GraphQLScalarType<In, Out>, { refusal, ...names }: Renaming) {
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
