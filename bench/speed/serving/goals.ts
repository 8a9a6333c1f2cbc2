import { atLeast, atMost, type Goal } from '../goals.js';
import { readResults, type Spread } from '../results.js';
import type { LoadSummary, ServingResults } from './measures.js';

/** Medians; of stalls of the event loop the longest of all. */
export async function goals(): Promise<Goal[]> {
  const results = await readResults<ServingResults>('serving');
  if (!results) return [];
  const { stored, explained, cold, burst, training } = results;
  const [page, explainedPage, clients] = [stored?.outcome, explained?.outcome, burst?.outcome];
  const [without, beside] = [training?.outcome.without, training?.outcome.with];
  return [
    ...atLeast('page of 50 stored predictions, requests/s, beside Apollo Server', 3, rates(page, 'apollo')),
    ...atMost('the same, 99th percentile of the time', 1, ratios(page?.['ours']?.p99Ms, page?.['apollo']?.p99Ms)),
    ...atLeast('the same, requests/s, beside FastAPI and Strawberry', 5, rates(page, 'fastapi')),
    ...atLeast('the same, requests/s, beside Mercurius with JIT', 0.8, rates(page, 'mercurius')),
    ...atLeast('the same with stored explanations, beside Apollo Server', 2, rates(explainedPage, 'apollo')),
    ...atLeast('64 clients, beside each in a batch of its own', 4, ratios(clients?.apart.ms, clients?.together.ms)),
    ...atMost('model batches for these 64', 4, clients ? [clients.together.modelBatches.highest] : [], ''),
    ...atMost('50 customers explained of whom nothing is stored', 1_000, cold ? [cold.outcome.ms] : [], 'ms'),
    ...atMost('99th percentile of pages during a fine-tune, beside none', 2, ratios(beside?.p99Ms, without?.p99Ms)),
    ...atMost('failed requests meanwhile', 0, beside ? [beside.failures] : [], ''),
    ...atMost('stalls of the event loop in all of these', 50, stalls(results), 'ms'),
  ];
}

const ratios = (a: Spread | undefined, b: Spread | undefined): number[] => (a && b ? [a.median / b.median] : []);

function rates(outcome: Readonly<Record<string, LoadSummary>> | undefined, peer: string): number[] {
  return ratios(outcome?.['ours']?.requestsPerSecond, outcome?.[peer]?.requestsPerSecond);
}

/** The longest stall of our server in each step, ms. */
function stalls({ stored, explained, cold, burst, training }: ServingResults): number[] {
  const loads = [
    stored?.outcome['ours'],
    explained?.outcome['ours'],
    training?.outcome.without,
    training?.outcome.with,
  ];
  const spreads = [...loads.map((load) => load?.longestStallMs), burst?.outcome.together.longestStallMs];
  return [...spreads.map((spread) => spread?.highest), cold?.outcome.longestStallMs].filter((ms) => ms !== undefined);
}
