import { stdSerializers } from 'pino';

/**
 * Where Postgres and TypeORM quote the values that a statement was given: names, addresses, what customers wrote; and Node the bytes of a
 * request that it could not read, its API key among them.
 */
const quoting = new Set(['parameters', 'detail', 'where', 'rawPacket']);

/** The `err` of a log line: all that helps to find the fault, and nothing of customers. */
export function errorForLog(error: Error): unknown {
  return withoutQuotes(stdSerializers.err(error));
}

function withoutQuotes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutQuotes);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !quoting.has(name));
  return Object.fromEntries(kept.map(([name, inner]) => [name, withoutQuotes(inner)]));
}
