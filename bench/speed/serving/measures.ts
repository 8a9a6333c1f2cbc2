import { readResults, type Environment, type Spread, spreadOf, writeResults } from '../results.js';
import type { Load } from './load.js';
import type { ServerReport } from './server-process.js';

export interface LoadSummary {
  readonly requestsPerSecond: Spread;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  readonly failures: number;
  /** Of the server alone. */
  readonly processorMsPerRequest: Spread;
  /** Longest stall of the event loop; null for servers that are not Node's. */
  readonly longestStallMs: Spread | null;
}

export interface BurstSummary {
  readonly ms: Spread;
  readonly modelBatches: Spread;
  readonly longestStallMs: Spread;
}

export interface ColdPage {
  readonly customers: number;
  readonly ms: number;
  readonly longestStallMs: number;
}

/** Of each step that was run: when and where, and what came out. */
export interface ServingResults {
  readonly stored?: Measured<Record<string, LoadSummary>>;
  readonly explained?: Measured<Record<string, LoadSummary>>;
  readonly cold?: Measured<ColdPage>;
  readonly burst?: Measured<Record<'together' | 'apart', BurstSummary>>;
  readonly training?: Measured<Record<'without' | 'with', LoadSummary>>;
}

export interface Measured<T> {
  readonly environment: Environment;
  readonly customers: number;
  readonly connections: number;
  readonly seconds: number;
  readonly outcome: T;
}

export function summaryOf(loads: readonly { load: Load; report: ServerReport | null }[]): LoadSummary {
  const spread = (value: (load: Load) => number): Spread => spreadOf(loads.map(({ load }) => value(load)));
  const stalls = loads.flatMap(({ report }) => report?.longestStallMs ?? []);
  return {
    requestsPerSecond: spread(({ requestsPerSecond }) => requestsPerSecond),
    p50Ms: spread(({ p50Ms }) => p50Ms),
    p99Ms: spread(({ p99Ms }) => p99Ms),
    processorMsPerRequest: spread(({ processorMsPerRequest }) => processorMsPerRequest),
    failures: loads.reduce((sum, { load }) => sum + load.failures, 0),
    longestStallMs: stalls.length > 0 ? spreadOf(stalls) : null,
  };
}

/** In place of what an earlier run of the same steps has left. */
export async function keep(results: ServingResults): Promise<void> {
  await writeResults('serving', { ...(await readResults<ServingResults>('serving')), ...results });
}
