import type { Protocol } from '../protocols.js';
import type { Measurements } from './measure.js';
import type { Estimate } from './metrics.js';
import type { OrderTest } from './order-test.js';

export interface ProtocolReport {
  readonly protocol: Protocol;
  readonly measured: Measurements;
}

const bars = { completenessMedian: 0.01, completenessP95: 0.05, shapley: 0.8 };

const percent = (value: number, digits = 2): string => `${(100 * value).toFixed(digits)} %`;
const interval = ({ value, lower, upper }: Estimate): string =>
  `${value.toFixed(3)} (${lower.toFixed(3)} to ${upper.toFixed(3)})`;
/** Bold where the bar is missed. */
const judged = (text: string, holds: boolean): string => (holds ? text : `**${text}, missed**`);

/** docs/benchmarks/explanations.md. */
export function reportText(reports: readonly ProtocolReport[], versions: string): string {
  return [
    '# Are the explanations faithful?',
    '',
    'Explanations in the product, measured on random customers, with a model that was trained by the defaults. An',
    'explanation splits the difference between what the model says of a customer and what it says of a typical one over',
    'feature groups (recency, frequency, spend, ...), in currency. Here a group is *removed* by giving the model the',
    "typical customer's numbers and the prior's typical inputs in its place, and the mask token for its words. All",
    'figures are of the served prediction. In brackets: 95 % intervals, percentile bootstrap over customers, 1,000 draws.',
    'Intervals of a gain that lie above 0 are a gain.',
    '',
    '```sh',
    `npm run bench:explanations -- ${reports.map(({ protocol }) => protocol.id).join(' ')}`,
    '```',
    '',
    versions,
    '',
    ...reports.flatMap(section),
    '## What is measured',
    '',
    ...definitions,
    '',
  ].join('\n');
}

function section({ protocol, measured }: ProtocolReport): string[] {
  const id = protocol.id.toLowerCase();
  return [
    `## ${protocol.title}`,
    '',
    `${measured.customers} customers, measured on ${measured.measuredOn}; the model's grade is ${measured.grade}.`,
    '',
    '| | measured | bar |',
    '|---|---|---|',
    ...rows(measured, protocol.data.currency).map((cells) => `| ${cells.join(' | ')} |`),
    '',
    `![Deletion and insertion, ${protocol.id}](explanations/${id}-orders.svg)`,
    '',
    `![Agreement with exact Shapley values, ${protocol.id}](explanations/${id}-shapley.svg)`,
    '',
  ];
}

function rows(measured: Measurements, currency: string): string[][] {
  const { completeness, steps, deletion, insertion, infidelity, sensitivity, randomised, shapley } = measured;
  return [
    [
      'completeness error before the residual, median',
      judged(percent(completeness.median), completeness.median <= bars.completenessMedian),
      `≤ ${percent(bars.completenessMedian, 0)}`,
    ],
    [
      'the same, 95th percentile',
      judged(percent(completeness.p95), completeness.p95 <= bars.completenessP95),
      `≤ ${percent(bars.completenessP95, 0)}`,
    ],
    ['quadrature points, median; most', `${steps.median}; ${steps.most}`, ''],
    ...orderRows('deletion', deletion),
    ...orderRows('insertion', insertion),
    ['infidelity, root mean square', `${infidelity.rootMeanSquare.toFixed(2)} ${currency}`, ''],
    ['infidelity relative to attributing nothing, median', interval(infidelity.relative), 'below 1'],
    ['the same amounts, shuffled over the groups, median', interval(infidelity.shuffled), ''],
    ['sensitivity-max, radius 0.02: mean', interval(sensitivity.mean), ''],
    ['the same, 95th percentile', sensitivity.p95.toFixed(3), ''],
    ...randomised.map(({ part, all, learnt }) => [
      `rank correlation with weights randomised in ${part}`,
      `${interval(all)}; without the prior ${interval(learnt)}`,
      '',
    ]),
    [
      `agreement with exact Shapley values (${shapley.customers} customers): mean Spearman`,
      judged(interval(shapley.spearman), shapley.spearman.value >= bars.shapley),
      `≥ ${bars.shapley}`,
    ],
  ];
}

function orderRows(name: 'deletion' | 'insertion', test: OrderTest): string[][] {
  const better = name === 'deletion' ? 'lower' : 'higher';
  return [
    [`${name} AUC (${better} is better)`, interval(test.own), ''],
    ['in random order; reversed', `${interval(test.random)}; ${interval(test.reversed)}`, ''],
    ['gain over random order', judged(interval(test.overRandom), test.overRandom.lower > 0), 'above 0'],
    ['gain over reversed order', interval(test.overReversed), ''],
  ];
}

const definitions = [
  '- **Completeness error**: |sum of the attributions - difference to be explained| over that difference, before what is',
  '  left goes into `residual` (integrated gradients, Sundararajan, Taly & Yan 2017; Gauss-Legendre quadrature).',
  '- **Deletion and insertion AUC** (Petsiuk, Das & Saenko 2018): groups are removed from the customer, or added to the',
  '  typical customer, by falling amount, so that what is said to raise the prediction most goes first. Area under the',
  "  prediction, scaled to each customer's range over all masked variants seen. Random: 10 orders a customer.",
  '- **Infidelity** (Yeh et al. 2019; Captum): squared difference between the amounts of a random half of the groups and',
  '  what removing them takes away, 10 draws a customer.',
  '- **Sensitivity-max** (the same paper): largest relative change of an explanation when every standardised number and',
  "  the prior's outputs move by at most the radius, 10 draws a customer. Words cannot move by a little.",
  '- **Randomised weights** (Adebayo et al. 2018): values shuffled within each weight tensor, from the head down. The',
  '  prior is an input of the model, not a weight, so its share rightly stays; hence the second figure. Should be far from 1.',
  '- **Exact Shapley values**: all coalitions of the groups by brute force; beyond 10 groups the smallest are joined.',
];
