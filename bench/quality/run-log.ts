import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { format } from 'prettier';
import { dayOf } from '../../src/days.js';
import { markdownTable } from './markdown.js';
import { type MeasuredProtocol, oursOf } from './measured.js';
import type { MetricName } from './run-metrics.js';
import { readJson, writeWhole } from './work-folder.js';

/** Committed: how often the protocols that must not be tuned on were looked at. */
const runLogPath = join('docs', 'benchmarks', 'quality-runs.json');

interface LoggedRun {
  readonly date: string;
  readonly protocol: string;
  /** Of the sources that the models were trained with. */
  readonly code: readonly string[];
  /** Of the predictions: the same ones are logged once. */
  readonly predictions: string;
  readonly ours: Partial<Record<MetricName, number>>;
}

interface RunLog {
  /** Roughly, from before this log was kept. */
  readonly before: Readonly<Record<string, number>>;
  readonly runs: readonly LoggedRun[];
}

const logged: readonly MetricName[] = ['gini', 'spearman', 'rmse', 'decileMape', 'bias', 'coverage80'];

/** Adds every protocol for the final run whose predictions of ours have not been looked at before. */
export async function logRuns(protocols: readonly MeasuredProtocol[]): Promise<RunLog> {
  const log = (await readJson<RunLog>(runLogPath)) ?? { before: { P1: 5, P3: 4, P5: 0 }, runs: [] };
  const known = new Set(log.runs.map(({ predictions }) => predictions));
  const added = protocols
    .filter(({ set }) => set.protocol.use === 'final')
    .flatMap((protocol) => loggedRun(protocol) ?? [])
    .filter(({ predictions }) => !known.has(predictions));
  const updated = { ...log, runs: [...log.runs, ...added] };
  if (added.length > 0)
    await writeWhole(runLogPath, await format(JSON.stringify(updated), { parser: 'json', printWidth: 120 }));
  return updated;
}

function loggedRun(protocol: MeasuredProtocol): LoggedRun | null {
  const ours = oursOf(protocol);
  if (!ours) return null;
  const { runs, records } = ours.contestant;
  const hash = createHash('sha256');
  for (const { expected } of runs) hash.update(expected);
  const metrics = logged.flatMap((name) => {
    const summary = ours.all[name];
    return summary ? [[name, Number(summary.mean.toPrecision(6))] as const] : [];
  });
  return {
    date: dayOf(new Date()),
    protocol: protocol.set.protocol.id,
    code: [...new Set(records.flatMap((record) => record.ours?.code ?? []))],
    predictions: hash.digest('hex').slice(0, 16),
    ours: Object.fromEntries(metrics),
  };
}

export function runLogSection({ before, runs }: RunLog): string {
  const ids = Object.keys(before);
  const count = (id: string) => runs.filter(({ protocol }) => protocol === id).length;
  const rows = ids.map((id) => [id, String(before[id]), String(count(id)), String(before[id]! + count(id))]);
  return [
    '## How often the final protocols were looked at',
    'P2, P4 and windows inside the training period are for tuning; P1, P3 and P5 are not. Every set of predictions on ' +
      'them that was measured is in [quality-runs.json](quality-runs.json), with what it reached. The runs from before ' +
      'that log was kept are counted from memory.',
    markdownTable(['', 'before the log', 'logged', 'in all'], rows),
  ].join('\n\n');
}
