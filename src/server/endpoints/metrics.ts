import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { errorCodes } from '../../errors.js';
import { requireRole } from '../../resolvers/authorization.js';
import type { Services } from '../../services/create-services.js';
import type { SystemState } from '../../services/monitoring.service.js';
import { apiKeyOf, authenticate } from '../authentication.js';
import type { FormatError } from '../errors.js';

/**
 * `/metrics` in the text format of Prometheus, for any valid API key: this process (CPU, memory, event loop), its requests and errors, and
 * figures of models and runs from the database. Registered after the rate limits, so that it cannot be used to guess keys.
 */
export function registerMetrics(app: FastifyInstance, registry: Registry, services: Services): void {
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'From the headers of a request to the end of its answer; of an event stream, how long it was open.',
    labelNames: ['method', 'route', 'status_code'],
    registers: [registry],
  });
  app.addHook('onResponse', ({ method, routeOptions }, { statusCode, elapsedTime }, done) => {
    const { url: route } = routeOptions;
    if (route) durations.observe({ method, route, status_code: statusCode }, elapsedTime / 1_000);
    done();
  });
  app.get('/metrics', async ({ headers }, reply) => {
    requireRole(await authenticate(apiKeyOf(headers), services.apiKeys), 'VIEWER');
    const state = metricsOf(await services.monitoring.state());
    return reply.type(registry.contentType).send(await Registry.merge([registry, state]).metrics());
  });
}

/** `formatError` that also counts the errors. */
export function countErrors(formatError: FormatError, registry: Registry): FormatError {
  const errors = new Counter({
    name: 'clvgraph_errors_total',
    help: 'Errors returned to callers, by their code.',
    labelNames: ['code'],
    registers: [registry],
  });
  // Prometheus takes a counter's first value for where it began: increase() of one that appears with the first error would miss that one.
  for (const code of errorCodes) errors.inc({ code }, 0);
  return (error) => {
    const told = formatError(error);
    errors.inc({ code: String(told.extensions?.['code']) });
    return told;
  };
}

/** A new registry for each scrape, so that no value is left of what no longer exists, such as a model. */
function metricsOf({ model, lastDay, runs }: SystemState): Registry {
  const registry = new Registry();
  const labels = ['kind', 'state'] as const;
  const gauge = (name: string, help: string, value: number | null): void => {
    if (value !== null) new Gauge({ name: `clvgraph_${name}`, help, registers: [registry] }).set(value);
  };
  const scoredAsOf = model?.scoredAsOf ?? null;
  gauge('model', 'Number of the model that serves.', model && Number(model.id));
  gauge(
    'scored_as_of_timestamp_seconds',
    'As-of date of what lists and segments read.',
    scoredAsOf && seconds(scoredAsOf),
  );
  gauge('newest_purchase_timestamp_seconds', 'The newest day on which anybody bought.', lastDay && seconds(lastDay));
  const counts = new Gauge({ name: 'clvgraph_runs', help: 'Runs.', labelNames: labels, registers: [registry] });
  const since = new Gauge({
    name: 'clvgraph_runs_timestamp_seconds',
    help: 'When the newest of them was settled; of those that are not, when the oldest was asked for.',
    labelNames: labels,
    registers: [registry],
  });
  for (const { kind, state, runs: count, since: at } of runs) {
    counts.set({ kind, state }, count);
    since.set({ kind, state }, seconds(at));
  }
  return registry;
}

/** Seconds since 1970. */
const seconds = (instant: Date): number => instant.getTime() / 1_000;
