import {
  execute,
  getOperationAST,
  GraphQLError,
  parse,
  specifiedRules,
  subscribe,
  validate,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { throughOutages } from '../../database/through-outages.js';
import type { RequestContext } from '../../resolvers/context.js';
import { answerTooLarge } from '../../services/largest-answer.js';
import { isTooLarge } from '../limits/answer-size.js';
import { conditionalSubscription } from './conditional-subscription.js';
import { type FormatError, refusal, withPlaces } from '../errors.js';
import { limitsRule, maxTokens } from '../limits/document-limits.js';
import { requireCost } from '../limits/query-cost.js';
import { documentProblem, requireModestVariables } from '../limits/request-size.js';

interface OperationRequest {
  readonly query: string;
  readonly operationName?: string | null;
  readonly variables?: Record<string, unknown> | null;
}

export interface OperationLimits {
  readonly schema: GraphQLSchema;
  readonly maxQueryCost: number;
}

const rules = [...specifiedRules, limitsRule];

/** Parses and validates subscriptions under the same limits as Apollo does for plain requests. */
export function prepareOperation(
  { schema, maxQueryCost }: OperationLimits,
  { query, operationName, variables }: OperationRequest,
  contextValue: RequestContext,
): ExecutionArgs | readonly GraphQLError[] {
  try {
    const problem = documentProblem(query);
    if (problem) return [refusal(problem)];
    const document = parse(query, { maxTokens });
    const conditional = conditionalSubscription(document);
    if (conditional) return [conditional];
    const errors = validate(schema, document, rules);
    if (errors.length > 0) return errors;
    if (!getOperationAST(document, operationName)) return [unknownOperation(operationName)];
    requireModestVariables(variables, contextValue.actor);
    requireCost(maxQueryCost, schema, document, { operationName, variables }, contextValue.actor);
    return { schema, document, operationName, variableValues: variables, contextValue };
  } catch (error) {
    if (error instanceof GraphQLError) return [error];
    throw error;
  }
}

function unknownOperation(name?: string | null): GraphQLError {
  const message =
    typeof name === 'string'
      ? `There is no operation "${name}" in the document.`
      : 'The document has several operations. Say by "operationName" which is meant.';
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}

/** The error as callers may see it, in GraphQL's own class. */
export function maskError(formatError: FormatError, error: unknown): GraphQLError {
  const { message, extensions } = formatError(error);
  if (!(error instanceof GraphQLError)) return new GraphQLError(message, { extensions });
  return withPlaces(new GraphQLError(message, { path: error.path, extensions }), error);
}

/** `execute` and `subscribe` that mask internal errors, also of sources of events, and refuse answers that are too large. */
export function maskedExecution(formatError: FormatError) {
  const masked = (result: ExecutionResult): ExecutionResult => {
    const { errors } = result;
    const told = errors ? { ...result, errors: errors.map((error) => maskError(formatError, error)) } : result;
    return isTooLarge(told) ? { errors: [maskError(formatError, answerTooLarge())] } : told;
  };

  return {
    execute: async (args: ExecutionArgs) => masked(await execute(args)),
    subscribe: async (args: ExecutionArgs) => {
      const result = await subscribe(args);
      if (!(Symbol.asyncIterator in result)) return masked(result);
      const { requireValidKey } = args.contextValue as RequestContext;
      const ofValidKey = async (event: ExecutionResult, left: AbortSignal) => {
        await throughOutages(left, requireValidKey);
        return masked(event);
      };
      return mapSource(result, ofValidKey, (error) => ({ errors: [maskError(formatError, error)] }));
    },
  };
}

/**
 * Maps the results of a source; a failure becomes the last result. Not a generator: `return` must reach the source at once, even while a
 * `next` is pending.
 */
function mapSource<T>(
  source: AsyncGenerator<T, void, void>,
  map: (value: T, left: AbortSignal) => Promise<T>,
  onFailure: (error: unknown) => T,
): AsyncGenerator<T, void, void> {
  const leaving = new AbortController();
  const leave = () => {
    leaving.abort();
    return source.return();
  };
  return {
    async next() {
      try {
        const { done, value } = await source.next();
        return done ? { done: true, value: undefined } : { done: false, value: await map(value, leaving.signal) };
      } catch (error) {
        await source.return();
        return { done: false, value: onFailure(error) };
      }
    },
    return: leave,
    throw: (error) => source.throw(error),
    [Symbol.asyncIterator]() {
      return this;
    },
    async [Symbol.asyncDispose]() {
      await leave();
    },
  };
}
