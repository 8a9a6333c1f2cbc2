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
import type { FormatError } from './errors.js';
import { limitsRule, maxTokens } from './limits/document-limits.js';
import { requireCost } from './limits/query-cost.js';
import { refusal, requireModestVariables } from './limits/request-size.js';

interface ApolloOptions {
  readonly schema: GraphQLSchema;
  readonly formatError: FormatError;
  readonly logger: Logger;
  readonly maxQueryCost: number;
}

export function createApollo({ schema, formatError, logger, maxQueryCost }: ApolloOptions) {
  return new ApolloServer<RequestContext>({
    // The process has more to put away than Apollo, which would end it.
    stopOnTerminationSignals: false,
    schema,
    logger,
    formatError: (_formatted, error) => formatError(error),
    includeStacktraceInErrorResponses: false,
    introspection: true,
    // No other site's page can make a browser send one of these without asking first.
    csrfPrevention: {
      requestHeaders: ['authorization', 'x-api-key', 'apollo-require-preflight', 'x-apollo-operation-name'],
    },
    persistedQueries: false,
    parseOptions: { maxTokens },
    documentStore: keptDocuments(),
    validationRules: [limitsRule],
    // The cache-control plugin would instrument every field; those that report send what is asked to Apollo, where the
    // environment has `APOLLO_KEY` for another program.
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
 * Documents that were read, each with its text. Apollo's own store goes by the size of what was understood, to which comments do not
 * count: it kept tens of thousands of any length, by which whoever may send a query, with a key or without, could fill the memory.
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

/** Not a validation rule: what is asked for depends on variables. */
function costLimit(schema: GraphQLSchema, limit: number): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ document, operation, request, contextValue }) {
          if (operation?.operation === OperationTypeNode.SUBSCRIPTION) throw refusal(notHere());
          requireModestVariables(request.variables, contextValue.actor);
          requireCost(limit, schema, document, request, contextValue.actor);
          // Of a large batch this took long, and comparing it with its type, which comes next, takes as long again.
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
