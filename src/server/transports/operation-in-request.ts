import type { FastifyRequest } from 'fastify';
import { isJsonObject } from '../../json-object.js';
import { refused } from './request-body.js';

const noOperation = () =>
  refused(
    400,
    '"query" is missing, empty or not a text, "operationName" is not a text, or "variables" or "extensions" is not a JSON object. ' +
      'Send {"query": "...", "variables": {}}.',
  );

const severalOperations = () =>
  refused(400, 'The body is a list of operations. Send each of them in a request of its own.');

type Parts = Pick<FastifyRequest, 'method' | 'body' | 'query'>;

/**
 * Refuses a request that holds no operation, or several. Apollo would not say how to mend it; the handler of streams would refuse it
 * without an error code, and never answer a body of null.
 * @throws ClvError BAD_USER_INPUT
 */
export function requireOperation(request: Parts): void {
  const given = givenIn(request);
  if (Array.isArray(given)) throw severalOperations();
  if (!isJsonObject(given) || typeof given['query'] !== 'string' || given['query'] === '') throw noOperation();
  if (typeof (given['operationName'] ?? '') !== 'string') throw noOperation();
  if (!['variables', 'extensions'].every((name) => isJsonObject(objectIn(request, given[name])))) throw noOperation();
}

/** Whether a client asks for a query by its hash. Told `PersistedQueryNotSupported`, it sends the query itself. */
export function asksByHash(request: Parts): boolean {
  const given = givenIn(request);
  if (!isJsonObject(given) || given['query'] !== undefined) return false;
  return Object(objectIn(request, given['extensions']))['persistedQuery'] !== undefined;
}

const givenIn = ({ method, body, query }: Parts): unknown => (method === 'POST' ? body : query);

/** An object of a body, or of the JSON in an address; empty where there is none, undefined for JSON that cannot be read. */
function objectIn({ method }: Parts, value: unknown): unknown {
  if (method === 'POST') return value ?? {};
  try {
    return JSON.parse(String(value || '{}')) ?? {};
  } catch {
    return undefined;
  }
}
