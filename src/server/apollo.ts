import { setImmediate as nextTurn } from 'node:timers/promises';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import { type DocumentNode, type GraphQLSchema, OperationTypeNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { ClvError } from '../errors.js';
import type { RequestContext } from '../resolvers/context.js';
import { answerSizeLimit } from './limits/answer-size.js';
import { compiledQueries, mostQueries } from './execution/compiled-execution.js';
import { type FormatError, refusal } from './errors.js';
import { limitsRule, maxTokens } from './limits/document-limits.js';
import { requireCost } from './limits/query-cost.js';
import { requireModestVariables } from './limits/request-size.js';

interface ApolloOptions {
  readonly schema: GraphQLSchema;
  readonly formatError: FormatError;
  readonly logger: Logger;
  readonly maxQueryCost: number;
}

export function createApollo({ schema, formatError, logger, maxQueryCost }: ApolloOptions) {
  return new ApolloServer<RequestContext>({
    // The process has more to close than Apollo, which would end it.
    stopOnTerminationSignals: false,
    schema,
    logger,
    formatError: (_formatted, error) => formatError(error),
    includeStacktraceInErrorResponses: false,
    introspection: true,
    // Pages of other sites cannot make a browser send one of these headers without a preflight request.
    csrfPrevention: {
      requestHeaders: ['authorization', 'x-api-key', 'apollo-require-preflight', 'x-apollo-operation-name'],
    },
    persistedQueries: false,
    parseOptions: { maxTokens },
    documentStore: keptDocuments(),
    validationRules: [limitsRule],
    // The cache-control plugin would instrument every field. The reporting plugins would send queries to Apollo if the environment has
    // `APOLLO_KEY` for another program.
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      noHintsForStrangers,
      costLimit(schema, maxQueryCost),
      compiledQueries(schema, formatError),
      answerSizeLimit(formatError),
    ],
  });
}

/**
 * A cache of parsed documents, with their texts. Apollo's own cache is limited by the size of syntax trees, in which comments do not count:
 * it kept tens of thousands of documents of any length, so that any caller, even without a key, could fill the memory.
 */
function keptDocuments() {
  const kept = new LRUCache<string, DocumentNode>({ max: mostQueries });
  return {
    get: async (key: string) => kept.get(key),
    set: async (key: string, document: DocumentNode) => void kept.set(key, document),
    delete: async (key: string) => kept.delete(key),
  };
}

const notHere = () =>
  new ClvError(
    'BAD_USER_INPUT',
    'Subscriptions are not answered here. Use server-sent events at /graphql/stream (graphql-sse), or a WebSocket at /graphql (graphql-ws).',
  );

/** Not a validation rule, since the cost depends on variables. */
function costLimit(schema: GraphQLSchema, limit: number): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ document, operation, request, contextValue }) {
          if (operation?.operation === OperationTypeNode.SUBSCRIPTION) throw refusal(notHere());
          requireModestVariables(request.variables, contextValue.actor);
          requireCost(limit, schema, document, request, contextValue.actor);
          // Others get a turn: for a large batch this took long, and comparing it with its type, which comes next, takes as long again.
          if (operation?.operation === OperationTypeNode.MUTATION) await nextTurn();
        },
      };
    },
  };
}

/** Apollo's `hideSchemaDetailsFromClientErrors`, for callers without an API key only. */
const noHintsForStrangers: ApolloServerPlugin<RequestContext> = {
  async requestDidStart({ contextValue }) {
    if (contextValue.actor) return;
    return {
      async validationDidStart() {
        return async (errors) => {
          for (const error of errors ?? []) error.message = error.message.replace(/ ?Did you mean .+\?$/, '');
        };
      },
    };
  },
};
