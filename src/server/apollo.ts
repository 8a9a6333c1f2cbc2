import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { RequestContext } from '../resolvers/context.js';
import { gatewayTo } from './compiled-execution.js';
import type { FormatError } from './errors.js';
import { limitsRule, maxTokens } from './limits.js';
import type { Logger } from './logger.js';

export function createApollo(schema: GraphQLSchema, formatError: FormatError, logger: Logger) {
  return new ApolloServer<RequestContext>({
    // The process has more to put away than Apollo, which would end it.
    stopOnTerminationSignals: false,
    gateway: gatewayTo(schema),
    logger,
    formatError: (_formatted, error) => formatError(error),
    includeStacktraceInErrorResponses: false,
    introspection: true,
    csrfPrevention: true,
    persistedQueries: false,
    parseOptions: { maxTokens },
    validationRules: [limitsRule],
    // The cache-control plugin would instrument every field.
    plugins: [ApolloServerPluginCacheControlDisabled(), ApolloServerPluginLandingPageDisabled(), noHintsForStrangers],
  });
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
