import { stdSerializers } from 'pino';

/**
 * Properties of errors in which Postgres and TypeORM quote the values of a statement, such as names, addresses and what customers wrote,
 * and in which Node quotes the bytes of a request that it could not read, such as its API key.
 */
const quoting = new Set(['parameters', 'detail', 'where', 'rawPacket']);

/** The `err` of a log line: what helps to find the fault, without data of customers. */
export function errorForLog(error: Error): unknown {
  return withoutQuotes(stdSerializers.err(error));
}

function withoutQuotes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutQuotes);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !quoting.has(name));
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutQuotes(inner)]));
}
