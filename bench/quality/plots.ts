import { sum } from '../../src/math.js';
import { sortedBy } from '../../src/ml/training/metrics/ranking.js';
import type { Contestant, EvaluationSet } from './evaluation-set.js';
import { intervalsByDecile, levels, valueDeciles } from './run-metrics.js';
import { colours, logTicks, type Panel, plotDocument, type Series } from './svg.js';

const tenths = Array.from({ length: 10 }, (_, i) => i + 1);
const decileAxis = { label: 'tenth of customers, highest predictions first', ticks: tenths };
const spaced = (name: string): string => name.replaceAll('_', ' ');
const percent = (share: number): string => `${Math.round(share * 100)} %`;

/** Predicted and actual means by decile: of ours, and of the peer with the lowest decile MAPE. */
export function calibrationPlot(set: EvaluationSet, contestants: readonly Contestant[]): string {
  const groups = contestants.map(({ name, runs }) => ({
    name,
    deciles: meanDeciles(runs.map((run) => valueDeciles(set, run))),
  }));
  const values = groups.flatMap(({ deciles }) =>
    deciles.flatMap(({ actualMean, predictedMean }) => [actualMean, predictedMean]),
  );
  const y = {
    label: `mean per customer, ${set.protocol.data.currency}`,
    ticks: logTicks(values),
    scale: 'log' as const,
  };
  const panels = groups.map(({ name, deciles }): Panel => ({
    title: `${set.protocol.id} ${spaced(name)}: predicted and actual`,
    x: decileAxis,
    y,
    series: [
      line(
        'actual',
        colours.black,
        deciles.map(({ actualMean }) => actualMean),
      ),
      line(
        'predicted',
        colours.blue,
        deciles.map(({ predictedMean }) => predictedMean),
      ),
    ],
  }));
  return plotDocument(`${set.protocol.title}: calibration by decile`, panels);
}

/** Share of customers inside their interval, by decile. */
export function coveragePlot(set: EvaluationSet, contestant: Contestant, everyone: Int32Array): string {
  const covered = levels.map((level) =>
    meanColumns(
      contestant.runs.map((run) => intervalsByDecile(set, run, level, everyone).map(({ coverage }) => coverage)),
    ),
  );
  const panel: Panel = {
    title: `${set.protocol.id} ${contestant.name}: inside the interval`,
    x: decileAxis,
    y: { label: 'share of customers', ticks: [0.5, 0.6, 0.7, 0.8, 0.9, 1], show: percent },
    band: [0.7, 0.9],
    series: [
      line('80 % interval (aim: the band)', colours.blue, covered[0]!),
      line('95 % interval', colours.orange, covered[1]!),
    ],
  };
  return plotDocument(`${set.protocol.title}: coverage by decile`, [panel]);
}

/** Share of all value that the best-ranked customers have. */
export function liftPlot(set: EvaluationSet, contestants: readonly Contestant[]): string {
  const shown = [colours.blue, colours.orange, colours.green];
  const curves = contestants.map(({ name, runs }, i) => gain(spaced(name), shown[i]!, set.actual, runs[0]!.expected));
  const shares = [0, 0.2, 0.4, 0.6, 0.8, 1];
  const panel: Panel = {
    title: `${set.protocol.id}: value held by the best-ranked`,
    x: { label: 'share of customers, best-ranked first', ticks: shares, show: percent },
    y: { label: 'share of all value', ticks: shares, show: percent },
    series: [
      ...curves,
      { ...gain('perfect order', colours.grey, set.actual, set.actual), dashed: true },
      {
        name: 'random order',
        colour: '#bbbbbb',
        points: [
          [0, 0],
          [1, 1],
        ],
        dashed: true,
      },
    ],
  };
  return plotDocument(`${set.protocol.title}: lift`, [panel]);
}

const curvePoints = 200;

function gain(name: string, colour: string, actual: Float64Array, scores: Float64Array): Series {
  const sorted = sortedBy(scores, actual);
  const total = sum(sorted);
  const points: [number, number][] = [[0, 0]];
  let cumulative = 0;
  for (const [i, value] of sorted.entries()) {
    cumulative += value;
    const nextPoint = Math.round((points.length * sorted.length) / curvePoints);
    if (i + 1 === nextPoint || i + 1 === sorted.length) points.push([(i + 1) / sorted.length, cumulative / total]);
  }
  return { name, colour, points };
}

function line(name: string, colour: string, values: readonly number[]): Series {
  return { name, colour, points: values.map((value, i) => [i + 1, value] as const), dots: true };
}

type Means = ReturnType<typeof valueDeciles>[number];

/** Over seeds. */
export function meanDeciles(runs: readonly (readonly Means[])[]): Omit<Means, 'customers'>[] {
  const actual = meanColumns(runs.map((groups) => groups.map(({ actualMean }) => actualMean)));
  const predicted = meanColumns(runs.map((groups) => groups.map(({ predictedMean }) => predictedMean)));
  return actual.map((actualMean, i) => ({ actualMean, predictedMean: predicted[i]! }));
}

/** Position by position. */
export function meanColumns(columns: readonly (readonly number[])[]): number[] {
  return (columns[0] ?? []).map((_, i) => columns.reduce((sum, column) => sum + column[i]!, 0) / columns.length);
}
