import { markdownTable } from '../../quality/markdown.js';
import { readResults, type Spread } from '../results.js';
import type { LoadSummary, Measured, ServingResults } from './measures.js';

const titles: Readonly<Record<string, string>> = {
  ours: 'clvgraph',
  apollo: 'plain Apollo Server standalone, the same schema and resolvers',
  mercurius: 'Mercurius with JIT, the same schema and resolvers',
  fastapi: 'FastAPI, Strawberry and SQLAlchemy, the same tables',
  without: 'nothing else',
  with: 'a fine-tune on the same machine',
  together: 'batches shared between requests',
  apart: 'each request by itself',
};

export async function section(): Promise<string> {
  const results = await readResults<ServingResults>('serving');
  if (!results) return '## Serving\n\nNot measured yet: `npm run bench:speed -- serving`.';
  return ['## Serving', ...parts(results)].join('\n\n');
}

function parts({ stored, explained, cold, burst, training }: ServingResults): string[] {
  const lines: string[] = [];
  if (stored) {
    const memory =
      'Pages begin at 100 places of the base, by chance; after the warm-up all three Node servers have the predictions of ' +
      'these 5,000 customers in memory, and read from Postgres only whether they still hold.';
    const room =
      'Ours has Node’s `--max-semi-space-size=64`, which `npm start` sets ([what it brings](../serving.md#start-without-npm)); the others ' +
      'run with Node’s defaults, as their documentation has it.';
    lines.push('### Pages of 50 customers, stored predictions', where(stored), loads(stored.outcome), memory, room);
  }
  if (explained) lines.push('### The same with stored explanations', where(explained), loads(explained.outcome));
  if (burst) {
    const { together, apart } = burst.outcome;
    lines.push(
      '### 64 clients at once, one unscored customer each',
      where(burst),
      markdownTable(
        ['', 'ms until all are answered', 'model batches', 'longest stall of the event loop, ms'],
        Object.entries(burst.outcome).map(([name, { ms, modelBatches, longestStallMs }]) => [
          titles[name]!,
          shown(ms),
          shown(modelBatches),
          shown(longestStallMs),
        ]),
      ),
      `Sharing is ${ratio(apart.ms, together.ms)} times as fast.`,
    );
  }
  if (cold) {
    const { customers, ms, longestStallMs } = cold.outcome;
    lines.push(
      `### A page of ${customers} of which nothing is stored, with explanations`,
      where(cold),
      `${Math.round(ms)} ms; longest stall of the event loop ${longestStallMs.toFixed(1)} ms.`,
    );
  }
  if (training) {
    const { without, with: beside } = training.outcome;
    lines.push(
      '### Pages at a steady rate, while a worker trains a model on the same machine',
      where(training),
      loads(training.outcome),
      `The 99th percentile is ${ratio(beside.p99Ms, without.p99Ms)} times as long.`,
    );
  }
  return lines;
}

function where({ environment, customers, connections, seconds }: Measured<unknown>): string {
  const versions = Object.entries(environment.versions).map(([name, version]) => `${name} ${version}`);
  return (
    `${environment.date.slice(0, 10)}, ${environment.cores} cores (${environment.processor}), which servers, Postgres and ` +
    `load share; ${customers} customers, ${connections} connections, rounds of ${seconds} s; ${versions.join(', ')}.`
  );
}

/** The first line is what the others are compared with. */
function loads(outcome: Readonly<Record<string, LoadSummary>>): string {
  const [base] = Object.values(outcome);
  return markdownTable(
    [
      '',
      'requests/s',
      'p50, ms',
      'p99, ms',
      'processor time of the server, ms a request',
      'failures',
      'longest stall of the event loop, ms',
      'first line to this',
    ],
    Object.entries(outcome).map(
      ([name, { requestsPerSecond, p50Ms, p99Ms, processorMsPerRequest, failures, longestStallMs }]) => [
        titles[name]!,
        shown(requestsPerSecond),
        shown(p50Ms),
        shown(p99Ms),
        shown(processorMsPerRequest),
        String(failures),
        longestStallMs ? shown(longestStallMs) : 'not measured',
        ratio(base!.requestsPerSecond, requestsPerSecond),
      ],
    ),
  );
}

const ratio = (a: Spread, b: Spread): string => (a.median / b.median).toFixed(2);

function shown({ median, lowest, highest }: Spread): string {
  const digits = median < 10 ? 2 : median < 100 ? 1 : 0;
  return `${median.toFixed(digits)} (${lowest.toFixed(digits)} to ${highest.toFixed(digits)})`;
}
