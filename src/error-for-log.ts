import { stdSerializers } from 'pino';

/** Where Postgres and TypeORM quote the values that a statement was given: names, addresses, what customers wrote. */
const quoting = new Set(['parameters', 'detail', 'where']);

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
