import { cpus, totalmem, type as systemName } from 'node:os';
import { sum } from '../../src/math.js';
import { findGpu } from '../../src/ml/engine/gpu.js';
import { grouped } from '../../src/text.js';
import { markdownTable } from './markdown.js';
import type { Measured, MeasuredProtocol } from './measured.js';
import type { PredictionRecord } from './records.js';
import { titleOf } from './protocol-section.js';

/** What was measured how, with what, and how to do it again. */
export function methodSection(protocols: readonly MeasuredProtocol[], draws: number): string {
  return [
    '## How it was measured',
    method(draws),
    '### Peers and versions',
    peersTable(protocols),
    '### Time',
    timeTable(protocols),
    '### Machine',
    machine(),
    '### Again',
    '```sh\nnpm run bench:quality                     # all steps; goes on where it stopped\n' +
      'npm run bench:quality -- --fresh          # all steps from nothing\n' +
      'npm run bench:quality -- ours --protocol P4 --seed 1\n' +
      'npm run bench:quality -- report\n```',
    'Steps: `prepare`, `export`, `ours`, `ablations`, `peers`, `metrics` (to the terminal; P1, P3 and P5 are ' +
      'logged, as below), `report` (of all that is there); the others take `--protocol`, and the ones that train ' +
      '`--fold` and `--seed`. The data sets are looked for in `../shared/data`, or in `--data`; where one is missing, the ' +
      'step says where it is published.',
  ].join('\n\n');
}

function method(draws: number): string {
  return [
    '- **Data.** Imported by `clvgraph import` with its presets. Records of one customer on one UTC day are one purchase ' +
      'occasion; Online Retail II counts product lines only and reports net spend, so that returns are negative. An as-of ' +
      'date is exclusive. A test customer is one with a purchase occasion before it.',
    '- **No leak.** Each fold is trained in a database of its own from which everything from the as-of date on, and in a ' +
      'customer split every held-out customer, was deleted; features and the prior of the test customers come from the ' +
      'full database as of the as-of date. Products and countries have the names that the lines before that date give. In ' +
      'a customer split training sees the labels of the *other* customers over the very window that is predicted, so that ' +
      'seasons and trends of that window are known: easier than the temporal protocols, and comparable with papers that ' +
      'split at random.',
    '- **Ours** is trained by the product’s own services with their defaults: one configuration, no flag of the bench’s.',
    '- **Ablations** of the words, the numbers or the prior learn from an altered snapshot that knows nothing of what the base ' +
      'spent: beyond the learnt horizon (P1, P3) their level is neither bound nor measured on the customers of today.',
    '- **Peers** get the rows of the same training windows with the same numeric features and our prior’s two outputs, and ' +
      'the same test customers; each with its own stated search on the newest training window (`bench/quality/peers`). The ' +
      'words of a narrative are ours alone: what they bring is ours less “numbers only”.',
    '- **Seeds.** How many each model ran with stands at every protocol. A figure is the mean over seeds, ± half of the ' +
      'range; what is not random ran once. What a campaign earns and the plots of lift are of each model’s ' +
      'first seed.',
    '- **Figures.** Gini: normalised, as `google/lifetime_value`. Deciles: ten groups of equal size by prediction, equal ' +
      'predictions counting as their mean. Bias: sum of predictions over sum of actual values, less 1. Log-likelihood and ' +
      'CRPS: mean over customers of the zero-inflated lognormal, a value of 0 or less being "bought nothing" for the ' +
      'likelihood and the intervals. AUC and Brier score: of at least one purchase occasion in the horizon. MAE is no ' +
      'headline: predicting 0 for everyone does well by it. Nor is decile MAPE by itself: one and the same forecast for ' +
      'everyone does well by that, if its level is right.',
    `- **Intervals of differences.** Paired bootstrap over customers, ${grouped(draws)} draws, 95 % percentile ` +
      'interval; a model with several seeds enters with its mean over seeds, of the same draw. Of decile MAPE it hides ' +
      'differences: chance alone gives every forecast some, in resamples twice, so that the interval lies nearer to 0 than ' +
      'the difference between two forecasts is. That one is not significantly worse by it does not say that it is as good.',
  ].join('\n');
}

export function peersTable(protocols: readonly MeasuredProtocol[]): string {
  const rows = contestants(protocols)
    .filter(({ records }) => records.some(({ versions }) => versions))
    .map(({ title, records }) => [
      title,
      unique(records.flatMap(({ versions }) => Object.entries(versions ?? {}).map((pair) => pair.join(' ')))),
      unique(records.map(({ configuration }) => (configuration ? JSON.stringify(configuration) : ''))).slice(0, 300),
    ]);
  const code = unique(contestants(protocols).flatMap(({ records }) => records.map(({ ours }) => ours?.code ?? '')));
  return `${markdownTable(['model', 'packages', 'chosen configurations'], rows)}\n\nOurs: commit ${code}; Node ${process.version}.`;
}

/** Seconds a training run, from the first to the last step of it. */
export function timeTable(protocols: readonly MeasuredProtocol[]): string {
  const total = ({ seconds }: PredictionRecord) => sum(Object.values(seconds));
  const rows = contestants(protocols).map(({ title, records }) => {
    const times = records.map(total).toSorted((a, b) => a - b);
    const shown = (seconds: number) => (seconds < 90 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(1)} min`);
    return [title, String(times.length), shown(times[Math.floor(times.length / 2)]!), shown(times.at(-1)!)];
  });
  return markdownTable(['model', 'runs', 'median time', 'longest'], rows);
}

function contestants(protocols: readonly MeasuredProtocol[]): { title: string; records: PredictionRecord[] }[] {
  const found = new Map<string, PredictionRecord[]>();
  const add = ({ contestant }: Measured) => {
    const title = titleOf(contestant);
    found.set(title, [...(found.get(title) ?? []), ...contestant.records]);
  };
  for (const { measured } of protocols) measured.forEach(add);
  return [...found].map(([title, records]) => ({ title, records }));
}

function unique(texts: readonly string[]): string {
  return [...new Set(texts.filter((text) => text !== ''))].join('; ');
}

export function machine(): string {
  const processors = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}, ${memory} GiB, ${systemName()}; ${findGpu() ?? 'no GPU'}.`;
}
