import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import { ArgumentValidationError } from 'type-graphql';
import { QueryFailedError } from 'typeorm';
import type { ValidationError } from 'class-validator';
import { databaseFailure } from '../database/database-failure.js';
import { ClvError, type ErrorCode } from '../errors.js';
import { RepeatedErrors } from '../repeated-errors.js';

export type FormatError = (error: unknown) => GraphQLFormattedError;

interface FieldProblem {
  readonly field: string;
  readonly problems: readonly string[];
}

/**
 * What callers see of a failure: of expected ones message and code, of all others a reference, under which the log has everything.
 */
export function createErrorFormatter(logger: Logger): FormatError {
  // Logged once a minute: in an outage every field of every request fails, and anybody may repeat a request that is nested too deeply.
  const repeated = new RepeatedErrors(logger, 'warn');
  return (error) => {
    const cause = rootCause(error);
    const place = error instanceof GraphQLError ? { locations: error.toJSON().locations, path: error.path } : {};
    if (cause instanceof ClvError) return formatted(cause.message, { ...cause.details, code: cause.code }, place);
    if (cause instanceof ArgumentValidationError) {
      const fields = problemsOf(cause.extensions.validationErrors);
      return formatted(`Wrong input: ${described(fields)}.`, { code: 'BAD_USER_INPUT', fields }, place);
    }
    if (isUnstorable(cause)) {
      const message = 'A text holds a NUL character, which cannot be kept or looked for. Leave it out.';
      return formatted(message, { code: 'BAD_USER_INPUT' }, place);
    }
    const failure = databaseFailure(cause);
    if (failure) {
      repeated.log(cause, failure.message, { path: place.path?.join('.') });
      return formatted(failure.message, { code: failure.code }, place);
    }
    if (isStackOverflow(cause)) {
      repeated.log(cause, 'nested too deeply', { path: place.path?.join('.') });
      return formatted('A value is nested too deeply.', { code: 'QUERY_TOO_COMPLEX' }, place);
    }
    if (isGivenUp(cause)) {
      const message =
        'The document asks for the same fields too many times over to be checked. Ask for each of them once.';
      return formatted(message, { code: 'QUERY_TOO_COMPLEX' }, place);
    }
    if (isByGet(cause)) {
      const message = 'Only queries are taken from the address. Send POST.';
      return formatted(message, { code: 'BAD_USER_INPUT' }, place);
    }
    if (isRequestError(error)) return formatted(error.message, { code: codeOfRequestError(error) }, place);
    const reference = randomUUID();
    logger.error({ err: cause, reference, path: place.path?.join('.') }, 'unexpected failure');
    const message = `Internal error. Its reference in the server's log: ${reference}`;
    return formatted(message, { code: 'INTERNAL', reference }, place);
  };
}

/** A failure as a GraphQLError, as GraphQL's functions and Apollo expect it. */
export function asGraphQLError(error: unknown, extensions?: Record<string, unknown>): GraphQLError {
  const originalError = error instanceof Error ? error : new Error(String(error));
  return new GraphQLError(originalError.message, { originalError, extensions });
}

/** A failure that is the request's as a whole: HTTP answers it with 400. */
export function refusal(error: ClvError): GraphQLError {
  return asGraphQLError(error, { http: { status: 400 } });
}

/** The error with the locations of another one: with nodes, GraphQL would count the lines before each of them again. */
export function withPlaces(error: GraphQLError, { locations }: Pick<GraphQLError, 'locations'>): GraphQLError {
  return Object.defineProperty(error, 'locations', { value: locations, enumerable: true });
}

/** The HTTP status if the context of a request cannot be made. */
export function statusOf(error: unknown): 401 | 500 {
  return error instanceof ClvError && error.code === 'UNAUTHENTICATED' ? 401 : 500;
}

function formatted(
  message: string,
  extensions: Record<string, unknown> & { code: ErrorCode },
  place: Pick<GraphQLFormattedError, 'locations' | 'path'>,
): GraphQLFormattedError {
  return { message, ...place, extensions };
}

/** Whether Postgres refused a NUL in a text or in JSON. */
function isUnstorable(cause: unknown): boolean {
  return cause instanceof QueryFailedError && ['22021', '22P05'].includes(String(Object(cause.driverError).code));
}

/** Whether GraphQL gave up on a document whose fields take too long to compare with each other. The error has no location or code. */
function isGivenUp(cause: unknown): boolean {
  return cause instanceof GraphQLError && cause.message === 'Validation aborted.';
}

/** Whether Apollo refused a mutation or subscription that came by GET. */
function isByGet(cause: unknown): boolean {
  return cause instanceof GraphQLError && cause.message.startsWith('GET requests only support query operations');
}

/** Whether the stack overflowed, which is the caller's fault: nothing but data of callers is nested so deeply. */
function isStackOverflow(cause: unknown): boolean {
  return cause instanceof RangeError && cause.message === 'Maximum call stack size exceeded';
}

function rootCause(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}

/** Apollo's codes for requests that fail before any resolver runs. */
const requestErrorCodes = new Set<unknown>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  'BAD_REQUEST',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/** Whether it is GraphQL's own error about a request (syntax, validation, variables). Failures of resolvers have a path. */
function isRequestError(error: unknown): error is GraphQLError {
  if (!(error instanceof GraphQLError)) return false;
  // A variable that is null where an argument, or a field within one, must not be fails only at the field, with a path.
  if (error.path)
    return /^Argument "\w+" (of (required|non-null) type|has invalid value)/.test(error.message) && isByGraphql(error);
  // These have neither location nor code.
  if (/^Too many (errors processing variables|validation errors)/.test(error.message)) return isByGraphql(error);
  return requestErrorCodes.has(error.extensions['code']) || error.nodes !== undefined || error.source !== undefined;
}

function isByGraphql(error: GraphQLError): boolean {
  return rootCause(error) instanceof GraphQLError;
}

/** Apollo and GraphQL have codes of their own; callers get ours. */
function codeOfRequestError(error: GraphQLError): ErrorCode {
  return /^Syntax Error: Document contains more tha[nt] \d+ tokens/.test(error.message)
    ? 'QUERY_TOO_COMPLEX'
    : 'BAD_USER_INPUT';
}

function problemsOf(errors: readonly ValidationError[], parent = ''): FieldProblem[] {
  return errors.flatMap((error) => {
    const field = parent ? `${parent}.${error.property}` : error.property;
    // The usual messages begin with the field, which is named beside them.
    const named = `${error.property} `;
    const problems = Object.values(error.constraints ?? {}).map((problem) =>
      problem.startsWith(named) ? problem.slice(named.length) : problem,
    );
    const own = problems.length > 0 ? [{ field, problems }] : [];
    return [...own, ...problemsOf(error.children ?? [], field)];
  });
}

function described(fields: readonly FieldProblem[]): string {
  return fields.map(({ field, problems }) => `${field}: ${problems.join(', ')}`).join('; ');
}
