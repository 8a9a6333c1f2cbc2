import { existsSync } from 'node:fs';
import type { ProgressReporter } from '../../src/progress.js';
import { bootstrapCells, type CellDraws } from './cell-bootstrap.js';
import { type Contestant, type EvaluationSet, readEvaluationSet } from './evaluation-set.js';
import { foldsOf, type Protocol } from './protocols.js';
import {
  type MetricName,
  metricNames,
  runMetrics,
  type RunMetrics,
  subsetsOf,
  type Subset,
  type Summary,
  summarise,
} from './run-metrics.js';
import { filesOf } from './work-folder.js';
import { type Cell, compareWithBest } from './verdicts.js';

export type Summaries = Readonly<Record<MetricName, Summary | null>>;

/** A contestant with its metrics, over its seeds. */
export interface Measured {
  readonly contestant: Contestant;
  readonly all: Summaries;
  readonly oneTime: Summaries;
}

export interface MeasuredProtocol {
  readonly set: EvaluationSet;
  readonly everyone: Subset;
  readonly oneTimeBuyers: number;
  /** Ours, then peers, then variants of ours. */
  readonly measured: readonly Measured[];
  readonly draws: CellDraws;
  /** Ours against the best of the peers. */
  readonly cells: readonly Cell[];
}

/** @returns null where nothing is predicted yet */
export async function measureProtocol(
  protocol: Protocol,
  draws: number,
  progress: ProgressReporter,
): Promise<MeasuredProtocol | null> {
  if (!foldsOf(protocol).every((fold) => existsSync(filesOf(protocol, fold).zero))) return null;
  const set = await readEvaluationSet(protocol);
  if (set.contestants.length === 0) return null;
  const subsets = subsetsOf(set);
  const measured = set.contestants.toSorted(byKind).map((contestant) => ({
    contestant,
    all: summaries(contestant.runs.map((run) => runMetrics(set, run, subsets.all))),
    oneTime: summaries(contestant.runs.map((run) => runMetrics(set, run, subsets.oneTime))),
  }));
  const predictions = new Map(
    set.contestants.map(({ name, runs }) => [name, runs.map(({ expected }) => expected)] as const),
  );
  const drawn = await bootstrapCells(set.actual, predictions, draws, { seed: protocol.id, progress });
  const peers = set.contestants.filter(({ ours }) => !ours).map(({ name }) => name);
  return {
    set,
    everyone: subsets.all,
    oneTimeBuyers: subsets.oneTime.length,
    measured,
    draws: drawn,
    cells: compareWithBest(drawn, peers),
  };
}

export const oursOf = ({ measured }: MeasuredProtocol): Measured | undefined =>
  measured.find(({ contestant }) => contestant.name === 'ours');

export const peersOf = ({ measured }: MeasuredProtocol): readonly Measured[] =>
  measured.filter(({ contestant }) => !contestant.ours);

function byKind(a: Contestant, b: Contestant): number {
  const kind = ({ name, ours }: Contestant) => (name === 'ours' ? 0 : ours ? 2 : 1);
  return kind(a) - kind(b) || a.name.localeCompare(b.name, 'en');
}

function summaries(runs: readonly RunMetrics[]): Summaries {
  const entries = metricNames.map((name) => [name, summarise(runs.map((run) => run[name]))] as const);
  return Object.fromEntries(entries) as Record<MetricName, Summary | null>;
}
