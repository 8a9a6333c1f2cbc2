import { atLeast, atMost, type Goal } from '../goals.js';
import { readResults } from '../results.js';
import type { ScaleResults, ScoringResult, SizeResults } from './scale-results.js';

/** A tenth more or less is taken for the same. */
const flat = 1.1;

export async function goals(): Promise<Goal[]> {
  const results = await readResults<ScaleResults>('scale');
  if (!results) return [];
  const { 10_000: small = {}, 100_000: middle = {}, 1_000_000: large = {} } = results.sizes;
  const sizes = [small, middle, large];
  const scorings = sizes.flatMap(({ scoring = [] }) => scoring);
  const queries = large.queries ?? [];
  const byHand = queries.flatMap(({ p95, handWrittenP95 }) => (handWrittenP95 === null ? [] : [p95 / handWrittenP95]));
  const p95 = (part: string): number[] => queries.filter(({ name }) => name.includes(part)).map((query) => query.p95);
  return [
    ...atLeast(
      'import, beside a bare COPY, each size',
      0.4,
      sizes.flatMap((size) => size.import?.ratio.median ?? []),
    ),
    ...atMost(
      'preprocess, cost of a customer, a million beside 10,000',
      1.2,
      quotients(large.preprocess?.microsecondsPerCustomer, small.preprocess?.microsecondsPerCustomer),
    ),
    ...atMost('its memory at a million', 1_500, large.preprocess ? [large.preprocess.peakBytes / 1e6] : [], 'MB'),
    ...atLeast(
      'fine-tune, rows/s, a million beside 10,000',
      round(1 / flat),
      quotients(large.fineTune?.rowsPerSecond, small.fineTune?.rowsPerSecond),
    ),
    ...beside(middle, large),
    ...atLeast(
      'scoring a base, customers/s, a million beside 100,000',
      round(1 / flat),
      [false, true].flatMap((words) => quotients(rate(large, words, 2), rate(middle, words, 2))),
    ),
    ...atLeast(
      'scoring a base, two workers beside one, 100,000',
      1,
      [false, true].flatMap((words) => quotients(rate(middle, words, 2), rate(middle, words, 1))),
    ),
    ...atMost(
      'customers missed or scored twice, all runs',
      0,
      scorings.map(({ missed, surplus, repeatedShards }) => missed + surplus + repeatedShards),
      '',
    ),
    ...atMost('segments of a million, p95 beside hand-written SQL', 1.3, byHand),
    ...atMost('p95 of those whose filter has an index', 50, p95('(indexed)'), 'ms'),
    ...atMost('page of 50 by CLV at any depth of a million, p95', 20, p95('page by CLV'), 'ms'),
  ];
}

/** Two workers on a whole base, beside the Pipeline by itself before and after. */
function beside(...sizes: readonly SizeResults[]): Goal[] {
  return [false, true].flatMap((words) =>
    atLeast(
      `scoring a base by ${words ? 'words and numbers' : 'numbers'}, beside transformers’ Pipeline`,
      3,
      sizes.flatMap((size) => {
        const found = scoringOf(size, words, 2);
        return quotients(found?.customersPerSecond, found?.pipeline?.customersPerSecond.median);
      }),
    ),
  );
}

function scoringOf({ scoring = [] }: SizeResults, words: boolean, workers: number): ScoringResult | undefined {
  return scoring.find((found) => found.words === words && found.workers === workers);
}

function rate(size: SizeResults, words: boolean, workers: number): number | undefined {
  return scoringOf(size, words, workers)?.customersPerSecond;
}

const quotients = (a: number | undefined, b: number | undefined): number[] => (a && b ? [a / b] : []);
const round = (value: number): number => Math.round(100 * value) / 100;
