import { grouped } from '../../../src/text.js';
import { markdownTable } from '../../quality/markdown.js';
import { readResults, type Spread } from '../results.js';
import type { ScaleResults, ScoringResult, SizeResults } from './scale-results.js';

export async function section(): Promise<string> {
  const results = await readResults<ScaleResults>('scale');
  if (!results) return '## Scale\n\nNot measured yet: `npm run bench:speed -- scale`.';
  const sizes = Object.entries(results.sizes)
    .map(([customers, found]) => [Number(customers), found] as const)
    .toSorted(([a], [b]) => a - b);
  const { date, processor, cores, versions } = results.environment;
  const parts = [
    importTable(sizes),
    preprocessTable(sizes),
    fineTuneTable(sizes),
    scoringTable(sizes),
    queryTable(sizes),
  ];
  return [
    '## Scale',
    `${processor}, ${cores} cores, Node ${versions['node']}, ${date.slice(0, 10)}. "Load" is the mean number of runnable ` +
      'processes in the last minute of a step, of all that ran on the machine: far above the number of cores, others ' +
      'took part of the time, and only what was measured by turns can be compared. What follows from it: docs/scaling.md.',
    ...parts.filter((part) => part !== ''),
  ].join('\n\n');
}

type Sizes = readonly (readonly [number, SizeResults])[];

/** A table under its title; empty where there are no rows. */
function titled(title: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '' : `### ${title}\n\n${markdownTable(header, rows)}`;
}

function importTable(sizes: Sizes): string {
  const rows = sizes.flatMap(([customers, { import: found }]) => {
    if (!found) return [];
    const { rows: lines, bareCopySeconds, importSeconds, ratio, againSeconds, peakBytes, load } = found;
    const again = againSeconds === null ? '-' : decimals(againSeconds);
    return [
      [
        grouped(customers),
        grouped(lines),
        spread(bareCopySeconds),
        spread(importSeconds),
        spread(ratio, 3),
        again,
      ].concat(megabytes(peakBytes), decimals(load)),
    ];
  });
  const header = ['customers', 'lines', 'bare COPY, s', 'import, s', 'ratio', 'again, s', 'peak memory', 'load'];
  return titled('Import beside a bare COPY into an unindexed table (goal: 0.4)', header, rows);
}

function preprocessTable(sizes: Sizes): string {
  const rows = sizes.flatMap(([customers, { preprocess: found }]) =>
    found
      ? [
          [
            grouped(customers),
            decimals(found.seconds),
            decimals(found.microsecondsPerCustomer),
            grouped(found.trainingRows),
            megabytes(found.peakBytes),
            decimals(found.load),
          ],
        ]
      : [],
  );
  const header = ['customers', 's', 'µs per customer', 'training rows', 'peak memory', 'load'];
  return titled('Preprocess', header, rows);
}

function fineTuneTable(sizes: Sizes): string {
  const rows = sizes.flatMap(([customers, { fineTune: found }]) =>
    found
      ? [
          [
            grouped(customers),
            grouped(found.trainingRows),
            `${decimals(100 * found.sampledShare)} %`,
            decimals(found.seconds),
            decimals(found.rowsPerSecond),
            megabytes(found.peakBytes),
            decimals(found.load),
          ],
        ]
      : [],
  );
  const header = ['customers', 'training rows', 'of those there are', 's', 'rows/s', 'peak memory', 'load'];
  return titled('Fine-tune, one epoch, all of the run counted', header, rows);
}

function scoringTable(sizes: Sizes): string {
  const rows = sizes.flatMap(([customers, { scoring = [] }]) =>
    scoring.map((found) => [
      grouped(customers),
      readBy(found),
      String(found.workers),
      decimals(found.seconds),
      decimals(found.customersPerSecond),
      besidePipeline(found),
      `${found.missed} / ${found.surplus}`,
      String(found.repeatedShards),
      decimals(found.load),
    ]),
  );
  const header = [
    'customers',
    'the model reads',
    'workers',
    's',
    'customers/s',
    'beside the Pipeline (its customers/s)',
    'missed / surplus',
    'shards repeated',
    'load',
  ];
  const table = titled('Score the whole base', header, rows);
  const pipeline =
    'The Pipeline is transformers’, by itself, with both cores, the same weights, and narratives, numbers and priors of ' +
    '2,000 of these customers ready-made; three times before each of our runs and three times after it. Where training kept ' +
    'no encoder, its last layer, which is zero, had random weights on both sides, by which nothing takes longer.';
  return table && `${table}\n\n${pipeline}`;
}

function readBy({ words, precision }: ScoringResult): string {
  if (!words) return 'numbers';
  return precision ? `words and numbers, ${precision}` : 'words and numbers';
}

function besidePipeline({ customersPerSecond, pipeline }: ScoringResult): string {
  if (!pipeline) return 'not measured';
  const theirs = pipeline.customersPerSecond;
  return `${decimals(customersPerSecond / theirs.median)} (${spread(theirs, 0)}; ${pipeline.tokens} tokens)`;
}

function queryTable(sizes: Sizes): string {
  const rows = sizes.flatMap(([customers, { queries = [] }]) =>
    queries.map(({ name, rows: found, median, p95, handWrittenP95 }) => [
      grouped(customers),
      name,
      grouped(found),
      decimals(median),
      decimals(p95),
      handWrittenP95 === null ? '-' : `${decimals(handWrittenP95)} (${decimals(p95 / handWrittenP95)})`,
    ]),
  );
  const header = ['customers', 'query', 'customers found', 'median, ms', 'p95, ms', 'by hand p95, ms (ratio)'];
  return titled('Segments (count and sum) and pages of 50', header, rows);
}

const decimals = (number: number): string => number.toFixed(Math.abs(number) < 10 ? 2 : 0);
const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
const spread = ({ median, lowest, highest, runs }: Spread, digits = 2): string =>
  runs === 1
    ? median.toFixed(digits)
    : `${median.toFixed(digits)} [${lowest.toFixed(digits)}, ${highest.toFixed(digits)}]`;
