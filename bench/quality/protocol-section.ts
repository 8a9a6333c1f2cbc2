import { grouped } from '../../src/text.js';
import type { CellMetric } from './cell-bootstrap.js';
import type { Contestant, Run } from './evaluation-set.js';
import { advantageText, fixed, markdownTable, money, percent, type Show, summaryText } from './markdown.js';
import { type Measured, type MeasuredProtocol, oursOf, peersOf, type Summaries } from './measured.js';
import { calibrationPlot, coveragePlot, liftPlot, meanColumns, meanDeciles } from './plots.js';
import { intervalsByDecile, levels, type MetricName, valueDeciles } from './run-metrics.js';
import { ablationTitles } from './variants.js';
import { advantageOf } from './verdicts.js';

export interface ReportFile {
  /** Beside the report. */
  readonly path: string;
  readonly content: string;
}

interface Section {
  readonly markdown: string;
  readonly files: readonly ReportFile[];
}

type Column = readonly [heading: string, metric: MetricName, show: Show];

export const valueColumns: readonly Column[] = [
  ['Gini', 'gini', fixed(3)],
  ['Spearman', 'spearman', fixed(3)],
  ['RMSE', 'rmse', money],
  ['R²', 'r2', fixed(3)],
  ['MAE', 'mae', money],
  ['decile MAPE', 'decileMape', fixed(3)],
  ['bias', 'bias', percent],
  ['value in top tenth', 'topDecileShare', percent],
  ['AUC', 'auc', fixed(3)],
  ['Brier', 'brier', fixed(4)],
];
const distributionColumns: readonly Column[] = [
  ['CRPS', 'crps', money],
  ['log-likelihood', 'logLikelihood', fixed(3)],
  ['in 80 % interval', 'coverage80', percent],
  ['its width', 'width80', money],
  ['in 95 % interval', 'coverage95', percent],
  ['its width', 'width95', money],
];

export const cellTitles: Readonly<Record<CellMetric, string>> = {
  gini: 'Gini',
  spearman: 'Spearman',
  rmse: 'RMSE',
  decileMape: 'decile MAPE',
  absoluteBias: 'bias, absolute',
};
export const cellShows: Readonly<Record<CellMetric, Show>> = {
  gini: fixed(3),
  spearman: fixed(3),
  rmse: money,
  decileMape: fixed(3),
  absoluteBias: percent,
};

/** Everything that was measured in one protocol. */
export function protocolSection(protocol: MeasuredProtocol): Section {
  const { set, measured, oneTimeBuyers } = protocol;
  const { currency } = set.protocol.data;
  const without = set.customers.length - set.withFeatures;
  const distributions = measured.filter(({ all }) => all.coverage80 || all.crps);
  const parts = [
    `## ${set.protocol.title}`,
    `${grouped(set.customers.length)} customers, ${grouped(oneTimeBuyers)} of whom had bought on ` +
      `one day only; money in ${currency}.` +
      (without > 0
        ? ` ${without} of them have no purchase occasion before the as-of date and are scored at 0 by every model; ` +
          'intervals, CRPS and log-likelihood leave them out.'
        : ''),
    seedsText(protocol),
    '### All customers',
    metricTable(measured, valueColumns, ({ all }) => all),
    '### Distributions and intervals, all customers',
    metricTable(distributions, distributionColumns, ({ all }) => all),
    '### One-time buyers',
    metricTable(measured, [...valueColumns, ...distributionColumns.slice(0, 3)], ({ oneTime }) => oneTime),
    ...comparison(protocol),
  ];
  const plots = plotsOf(protocol);
  const shown = plots.map(({ path, says }) => `![${set.protocol.id}: ${says}](${path})`);
  return { markdown: [...parts, ...decileTable(protocol), ...shown].join('\n\n'), files: plots };
}

function seedsText({ set, measured }: MeasuredProtocol): string {
  const counts = measured.map(({ contestant }) => `${titleOf(contestant)} ${contestant.runs.length}`);
  return (
    `Seeds: ${counts.join(', ')}` +
    (set.protocol.labels === 'customer-split' ? '; every fold of a run has a seed of its own.' : '.')
  );
}

export const titleOf = ({ name }: Contestant): string =>
  name === 'ours' ? '**ours**' : (ablationTitles[name] ?? name.replaceAll('_', ' '));

export function metricTable(
  measured: readonly Measured[],
  columns: readonly Column[],
  summaries: (row: Measured) => Summaries,
): string {
  const rows = measured.map((row) => [
    titleOf(row.contestant),
    ...columns.map(([, metric, show]) => summaryText(summaries(row)[metric], show)),
  ]);
  return markdownTable(['', ...columns.map(([heading]) => heading)], rows);
}

/** By how much ours is better than each other model. */
function comparison(protocol: MeasuredProtocol): string[] {
  const { draws, measured } = protocol;
  if (!oursOf(protocol)) return [];
  const others = measured.filter(({ contestant }) => contestant.name !== 'ours');
  const metrics = Object.keys(cellTitles) as CellMetric[];
  const rows = others.map(({ contestant }) => [
    titleOf(contestant),
    ...metrics.map((metric) => advantageText(advantageOf(draws, metric, 'ours', contestant.name), cellShows[metric])),
  ]);
  return [
    '### By how much ours is better',
    markdownTable(['than', ...metrics.map((metric) => cellTitles[metric])], rows),
    'Positive: ours is better, whatever the metric. In brackets the 95 % interval of the paired bootstrap; in bold where ' +
      'it leaves out 0.',
  ];
}

function decileTable(protocol: MeasuredProtocol): string[] {
  const ours = oursOf(protocol)?.contestant;
  if (!ours) return [];
  const { set, everyone } = protocol;
  const values = meanDeciles(ours.runs.map((run) => valueDeciles(set, run)));
  const column = (level: (typeof levels)[number], of: 'coverage' | 'width') =>
    meanColumns(ours.runs.map((run: Run) => intervalsByDecile(set, run, level, everyone).map((group) => group[of])));
  const [coverage80, width80] = [column(80, 'coverage'), column(80, 'width')];
  const [coverage95, width95] = [column(95, 'coverage'), column(95, 'width')];
  const rows = values.map(({ predictedMean, actualMean }, i) => [
    String(i + 1),
    money(predictedMean),
    money(actualMean),
    outsideBold(coverage80[i]!, 0.7, 0.9),
    money(width80[i]!),
    percent(coverage95[i]!),
    money(width95[i]!),
  ]);
  const header = ['tenth', 'predicted', 'actual', 'in 80 % interval', 'its width', 'in 95 % interval', 'its width'];
  return ['### Ours by tenths of customers, highest predictions first', markdownTable(header, rows)];
}

/** Bold where an aim is missed. */
export function outsideBold(share: number, from: number, to: number): string {
  const shown = percent(share);
  return share < from || share > to ? `**${shown}**` : shown;
}

/** `says` is for those who do not see the plot. */
function plotsOf(protocol: MeasuredProtocol): (ReportFile & { readonly says: string })[] {
  const ours = oursOf(protocol)?.contestant;
  if (!ours) return [];
  const { set, everyone, cells } = protocol;
  const best = (metric: CellMetric): Contestant[] => {
    const name = cells.find((cell) => cell.metric === metric)?.bestPeer;
    return peersOf(protocol).flatMap(({ contestant }) => (contestant.name === name ? [contestant] : []));
  };
  const path = (name: string) => `quality/${set.protocol.id.toLowerCase()}-${name}.svg`;
  return [
    {
      path: path('calibration'),
      says: 'predicted and actual means by tenths of customers, of ours and of the peer with the lowest decile MAPE',
      content: calibrationPlot(set, [ours, ...best('decileMape')]),
    },
    {
      path: path('coverage'),
      says: 'share of customers inside our intervals, by tenths',
      content: coveragePlot(set, ours, everyone),
    },
    {
      path: path('lift'),
      says: 'share of all value that the best-ranked customers have, of ours and of the peer with the best Gini',
      content: liftPlot(set, [ours, ...best('gini')]),
    },
  ];
}
