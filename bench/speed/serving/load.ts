import autocannon from 'autocannon';
import { ClvError } from '../../../src/errors.js';
import { processorMs } from './server-process.js';

export interface Load {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly requests: number;
  /** Of the server alone, without Postgres: what it costs whatever else the machine does. */
  readonly processorMsPerRequest: number;
  /** Answers that are no success, those of GraphQL with errors included, and requests without an answer. */
  readonly failures: number;
}

interface LoadOptions {
  /** The server's. */
  readonly pid: number;
  readonly url: string;
  readonly key: string;
  /** Bodies of requests, of which each request takes one by chance. */
  readonly bodies: readonly string[];
  readonly seconds: number;
  readonly connections: number;
  /** Requests a second of all connections together; as many as go where not given. */
  readonly rate?: number;
}

/** @throws ClvError INTERNAL where nothing is answered in time: beside a server that answers none, any is infinitely fast */
export async function load({ pid, url, key, bodies, seconds, connections, rate }: LoadOptions): Promise<Load> {
  const before = processorMs(pid);
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    ...(rate ? { overallRate: rate } : {}),
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    requests: [
      { setupRequest: (request) => ({ ...request, body: bodies[Math.floor(Math.random() * bodies.length)]! }) },
    ],
    // Status 200 is that of an answer with errors, too.
    verifyBody: (body) => !String(body).includes('"errors":'),
  });
  const { average, total } = result.requests;
  if (total === 0) {
    const reason = 'Other processes may have the cores: nothing is kept of this step.';
    throw new ClvError('INTERNAL', `${url} answered no request within ${seconds} s. ${reason}`);
  }
  return {
    requestsPerSecond: average,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    requests: total,
    processorMsPerRequest: (processorMs(pid) - before) / total,
    failures: result.non2xx + result.mismatches + result.errors + result.timeouts,
  };
}

/** One request's answer. @throws Error where GraphQL has errors */
export async function ask<T>(url: string, key: string, query: string, variables: object = {}): Promise<T> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data: T; errors?: unknown[] };
  if (errors) throw new Error(`${url}: ${JSON.stringify(errors)}`);
  return data;
}
