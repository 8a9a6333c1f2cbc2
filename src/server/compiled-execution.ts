import type { ApolloServerOptions } from '@apollo/server';
import {
  BREAK,
  type DocumentNode,
  execute,
  type ExecutionResult,
  getVariableValues,
  GraphQLBoolean,
  GraphQLError,
  GraphQLScalarType,
  GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type VariableDefinitionNode,
  visit,
} from 'graphql';
import { maxErrors } from './query-cost.js';
import { compileQuery, type CompiledQuery, isCompiledQuery } from 'graphql-jit';
import { LRUCache } from 'lru-cache';
import type { RequestContext } from '../resolvers/context.js';

/** Compiled queries that are kept, each some tens of kilobytes. */
const capacity = 300;

export interface Operation {
  readonly document: DocumentNode;
  /** Undefined where the document has none of the name, or several and no name was given. */
  readonly operation: OperationDefinitionNode | undefined;
  /** As the request has it. */
  readonly operationName: string | undefined;
  /** The same for the same document only. */
  readonly queryHash: string;
  readonly variables: Record<string, unknown> | undefined;
}

/**
 * Executes queries as code that was compiled for them, several times faster than by walking their syntax tree. A query
 * is compiled when it comes for the second time: one that never returns, such as one with its values written into it,
 * would cost more than it saves. Mutations and introspection, which are rare, go the usual way.
 */
export class CompiledExecution {
  private readonly compilable: GraphQLSchema;
  private readonly queries = new LRUCache<string, CompiledQuery | 'came once' | 'cannot be compiled'>({
    max: capacity,
  });

  constructor(private readonly schema: GraphQLSchema) {
    const config = schema.toConfig();
    this.compilable = new GraphQLSchema({ ...config, types: [...config.types, asItIs] });
  }

  async execute(request: Operation, contextValue: RequestContext): Promise<ExecutionResult> {
    const { document, operation, operationName, variables = {} } = request;
    const isQuery = operation?.operation === OperationTypeNode.QUERY;
    const compiled = isQuery ? this.compiledOf(request, operation) : null;
    const definitions = operation?.variableDefinitions ?? [];
    const coerced = compiled && getVariableValues(this.schema, definitions, variables, { maxErrors }).coerced;
    // Of a condition that is null the compiler thinks nothing.
    const isUndecided = definitions.some((each) => isBoolean(each) && coerced?.[each.variable.name.value] === null);
    if (!compiled || !coerced || isUndecided) {
      return execute({ schema: this.schema, document, contextValue, variableValues: variables, operationName });
    }
    const { data, errors } = await compiled.query(undefined, contextValue, coerced);
    return errors ? { data, errors: errors.map(withExtensions) } : { data };
  }

  private compiledOf({ document, queryHash }: Operation, operation: OperationDefinitionNode): CompiledQuery | null {
    const key = `${queryHash}/${operation.name?.value ?? ''}`;
    const known = this.queries.get(key);
    const query = known === 'came once' ? this.compile(document, operation) : (known ?? 'came once');
    if (query !== known) this.queries.set(key, query);
    return typeof query === 'string' ? null : query;
  }

  private compile(document: DocumentNode, { name }: OperationDefinitionNode): CompiledQuery | 'cannot be compiled' {
    if (!isCompilable(document)) return 'cannot be compiled';
    const compiled = compileQuery(this.compilable, withCoercedVariables(document), name?.value);
    return isCompiledQuery(compiled) ? compiled : 'cannot be compiled';
  }
}

/** For values of variables that are in their final form. */
const asItIs = new GraphQLScalarType({ name: 'AsItIs_' });

/**
 * The compiler would write code for every path into a variable's type, which never ends for one that contains itself,
 * such as the filter of customers. GraphQL's own function coerces the values instead. Booleans stay, for `@include`.
 */
function withCoercedVariables(document: DocumentNode): DocumentNode {
  return visit(document, {
    VariableDefinition(definition) {
      if (isBoolean(definition)) return undefined;
      const { kind, variable } = definition;
      return { kind, variable, type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: asItIs.name } } };
    },
  });
}

/** Apollo takes another executor only from a gateway; this one has nothing behind it but the schema. */
export function gatewayTo(schema: GraphQLSchema): NonNullable<ApolloServerOptions<RequestContext>['gateway']> {
  const execution = new CompiledExecution(schema);
  return {
    onSchemaLoadOrUpdate(tell) {
      tell({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    load: async () => ({
      executor: ({ document, operation, queryHash, request, context }) =>
        execution.execute(
          { document, operation, queryHash, variables: request.variables, operationName: request.operationName },
          context as RequestContext,
        ),
    }),
    stop: async () => undefined,
  };
}

const introspection = new Set(['__schema', '__type']);

/**
 * Introspection is not; nor are variables within literals: the compiler drops them from scalars such as `JSONObject`, and
 * where they are missing takes null in place of the field's default.
 */
function isCompilable(document: DocumentNode): boolean {
  let compilable = true;
  const refuse = () => {
    compilable = false;
    return BREAK;
  };
  visit(document, {
    Field: ({ name }) => (introspection.has(name.value) ? refuse() : undefined),
    ObjectField: ({ value }) => (value.kind === Kind.VARIABLE ? refuse() : undefined),
    ListValue: ({ values }) => (values.some(({ kind }) => kind === Kind.VARIABLE) ? refuse() : undefined),
  });
  return compilable;
}

function isBoolean({ type }: VariableDefinitionNode): boolean {
  const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
  return named.kind === Kind.NAMED_TYPE && named.name.value === GraphQLBoolean.name;
}

/** An error in GraphQL's own class; the compiler's may lack the extensions that Apollo reads. */
function withExtensions({ message, path, originalError, locations, extensions }: GraphQLError): GraphQLError {
  const error = new GraphQLError(message, { path, originalError, extensions });
  return Object.defineProperty(error, 'locations', { value: locations, enumerable: true });
}
