import { type ApolloServerPlugin, HeaderMap } from '@apollo/server';
import {
  type DocumentNode,
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
import { compileQuery, type CompiledQuery, isCompiledQuery } from 'graphql-jit';
import { LRUCache } from 'lru-cache';
import type { RequestContext } from '../../resolvers/context.js';
import { isCompilable } from './compilable.js';
import { withConditionsDecided } from './decided-conditions.js';
import { type FormatError, withPlaces } from '../errors.js';
import { selectionsOf } from '../limits/document-limits.js';
import { maxErrors } from '../limits/query-cost.js';

/** Number of queries that are cached, compiled and parsed. */
export const mostQueries = 300;
/**
 * Most fields, with fragments written out, of a compiled query and of all cached ones: each takes up to a kilobyte. Compiling a query of
 * 2,300 fields, which the cost limit allows, blocked the process for 0.16 s and took 1.9 MB.
 */
const mostFields = 1_000;
const mostFieldsKept = 30_000;

interface Operation {
  readonly document: DocumentNode;
  /** Undefined if the document has no operation of the name, or several and no name was given. */
  readonly operation: OperationDefinitionNode | undefined;
  /** The document's text. */
  readonly source: string;
  readonly variables: Record<string, unknown> | undefined;
}

/**
 * Executes queries as compiled code, which is several times as fast as walking their syntax tree. A query is compiled when it comes for
 * the second time with the same values of its Booleans: compiling one that does not come again, such as one with literal values, would
 * cost more than it saves. Mutations and introspection, which are rare, are left to GraphQL's own executor.
 */
class CompiledExecution {
  private readonly compilable: GraphQLSchema;
  private readonly queries = new LRUCache<string, CompiledQuery | 'came once' | 'cannot be compiled'>({
    max: mostQueries,
    maxSize: mostFieldsKept,
  });

  constructor(private readonly schema: GraphQLSchema) {
    const config = schema.toConfig();
    this.compilable = new GraphQLSchema({ ...config, types: [...config.types, asItIs] });
  }

  /** Null if GraphQL's own executor is to be used. */
  async execute(request: Operation, contextValue: RequestContext): Promise<ExecutionResult | null> {
    const { operation, variables = {} } = request;
    const isQuery = operation?.operation === OperationTypeNode.QUERY;
    // Callers without a key, who get no data anyway, must neither cause work nor displace the queries of others.
    const compiled = isQuery && contextValue.actor ? this.compiledOf(request, operation) : null;
    if (!compiled) return null;
    const { coerced } = getVariableValues(this.schema, operation?.variableDefinitions ?? [], variables, { maxErrors });
    if (!coerced) return null;
    const { data, errors } = await compiled.query(undefined, contextValue, coerced);
    return errors ? { data, errors: errors.map(withExtensions) } : { data };
  }

  private compiledOf(
    { document, source, variables = {} }: Operation,
    operation: OperationDefinitionNode,
  ): CompiledQuery | null {
    const conditions = this.conditionsOf(operation, variables);
    if (!conditions) return null;
    const key = `${operation.name?.value ?? ''}/${JSON.stringify(conditions)}/${source}`;
    const known = this.queries.get(key);
    const query = known === 'came once' ? this.compile(document, operation, conditions) : (known ?? 'came once');
    if (query !== known) {
      this.queries.set(key, query, { size: typeof query === 'string' ? 1 : selectionsOf(operation, document) });
    }
    return typeof query === 'string' ? null : query;
  }

  /** Values of the Booleans, for `@skip` and `@include`; null if one is null or no Boolean, which GraphQL itself reports. */
  private conditionsOf(
    { variableDefinitions = [] }: OperationDefinitionNode,
    given: Record<string, unknown>,
  ): Record<string, unknown> | null {
    const { coerced } = getVariableValues(this.schema, variableDefinitions.filter(isBoolean), given, { maxErrors });
    return coerced && !Object.values(coerced).includes(null) ? coerced : null;
  }

  private compile(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    conditions: Record<string, unknown>,
  ): CompiledQuery | 'cannot be compiled' {
    if (!isCompilable(document, this.schema)) return 'cannot be compiled';
    if (selectionsOf(operation, document) > mostFields) return 'cannot be compiled';
    const decided = withCoercedVariables(withConditionsDecided(document, conditions));
    const compiled = compileQuery(this.compilable, decided, operation.name?.value);
    return isCompiledQuery(compiled) ? compiled : 'cannot be compiled';
  }
}

/** Scalar of values that are coerced already. */
const asItIs = new GraphQLScalarType({ name: 'AsItIs_' });

/**
 * Variables are coerced by GraphQL's own function. The compiler would generate code for every path into a variable's type, without end for
 * a recursive one such as the filter of customers.
 */
function withCoercedVariables(document: DocumentNode): DocumentNode {
  return visit(document, {
    VariableDefinition({ kind, variable }) {
      return { kind, variable, type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: asItIs.name } } };
    },
  });
}

/**
 * Executes compiled queries in place of Apollo's executor. As a plugin rather than a gateway: for a gateway, Apollo makes an object with
 * accessors for each request, whose hidden class keeps everything of the request in memory until the next full garbage collection.
 */
export function compiledQueries(schema: GraphQLSchema, formatError: FormatError): ApolloServerPlugin<RequestContext> {
  const execution = new CompiledExecution(schema);
  return {
    async requestDidStart() {
      return {
        async responseForOperation({ document, operation, source, request: { variables }, contextValue }) {
          const result = await execution.execute({ document, operation, source, variables }, contextValue);
          if (!result) return null;
          const { data, errors } = result;
          const singleResult = errors ? { data, errors: errors.map(formatError) } : { data };
          return { http: { headers: new HeaderMap() }, body: { kind: 'single', singleResult } };
        },
      };
    },
  };
}

function isBoolean({ type }: VariableDefinitionNode): boolean {
  const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
  return named.kind === Kind.NAMED_TYPE && named.name.value === GraphQLBoolean.name;
}

/** The error in GraphQL's own class, since the compiler's may lack the extensions that Apollo reads. */
function withExtensions(error: GraphQLError): GraphQLError {
  const { message, path, originalError, extensions } = error;
  return withPlaces(new GraphQLError(message, { path, originalError, extensions }), error);
}
