import { join } from 'node:path';
import { dayOf } from '../../../src/days.js';
import { grouped } from '../../../src/text.js';
import { type CellMetric, cellMetrics } from '../cell-bootstrap.js';
import { cellShows, cellTitles, metricTable, valueColumns } from '../protocol-section.js';
import { type MeasuredProtocol, oursOf } from '../measured.js';
import { percent } from '../markdown.js';
import { machine, peersTable, timeTable } from '../method-section.js';
import { ours } from '../ours.js';
import { docs, measureAll } from '../report.js';
import { intervalsByDecile, overall } from '../run-metrics.js';
import { priorOnly } from '../variants.js';
import { verdictSection } from '../verdict-section.js';
import { advantageOf } from '../verdicts.js';
import { writeWhole } from '../work-folder.js';
import { simulatedProtocols } from './protocols.js';
import { shops } from './shops.js';

const shown = new Set(['gini', 'spearman', 'rmse', 'decileMape', 'bias']);
const columns = valueColumns.filter(([, metric]) => shown.has(metric));
const path = join(docs, 'simulated.md');

/** Writes `docs/benchmarks/simulated.md`, of the shops that there are predictions of. */
export async function writeSimulatedReport(): Promise<void> {
  const measured = await measureAll(simulatedProtocols);
  const markdown = [
    '# Simulated shops',
    '<!-- Written by npm run bench:quality -- simulated -->',
    'How well clvgraph predicts shops whose customers are known to behave in a certain way. Decisions ' +
      '[75](../decisions.md#d75), [76](../decisions.md#d76), [78](../decisions.md#d78), [80](../decisions.md#d80), ' +
      '[83](../decisions.md#d83), [92](../decisions.md#d92), [98](../decisions.md#d98), [102](../decisions.md#d102) and ' +
      '[103](../decisions.md#d103) were made on shops of such kinds: ' +
      'these figures say what the product does there. How good it is on real customers is in [quality.md](quality.md). ' +
      'Shops that are made much as buy-till-you-die models suppose (S1, S2, S6, S7, S8, S10 to S14) favour such models, our prior included.',
    behind(measured),
    ...measured.map(shopSection),
    verdictSection(measured),
    insideWider(measured),
    '## How it was measured',
    'The shops are made by `bench/quality/simulated`, seeded, so that they are the same each time, and imported, prepared, ' +
      'trained and measured by the steps of [quality.md](quality.md#how-it-was-measured): ours with the product’s ' +
      'defaults. One seed each. The figures are of one draw of each shop; those in the decisions are of others. `mean` ' +
      'forecasts the same for everybody: its decile MAPE is low where its level is right, whatever else.',
    `\`\`\`sh\nnpm run bench:quality -- simulated              # all of them, without any data set\nnpm run bench:quality -- simulated --protocol S2 --fresh\n\`\`\``,
    `${dayOf(new Date())}; ${machine()}`,
    peersTable(measured),
    timeTable(measured),
  ];
  await writeWhole(path, `${markdown.filter((part) => part !== '').join('\n\n')}\n`);
  console.log(`${path} is written.`);
}

function shopSection({ set, measured, oneTimeBuyers }: MeasuredProtocol): string {
  const { id, title } = set.protocol;
  const { made, start, customers } = shops.find((shop) => shop.id === id)!;
  return [
    `## ${title}`,
    `${made} First day ${start}; ${grouped(customers)} customers in all, ` +
      `${grouped(set.customers.length)} of them by the as-of date, ${grouped(oneTimeBuyers)} of ` +
      'whom had bought on one day only.',
    metricTable(measured, columns, ({ all }) => all),
  ].join('\n\n');
}

/** The interval 0 to 0 of customers who hardly ever buy holds more than it says, however it is made. */
function insideWider(measured: readonly MeasuredProtocol[]): string {
  const shares = measured.flatMap((protocol) => {
    const run = oursOf(protocol)?.contestant.runs[0];
    const upper = run?.intervals?.upper80;
    if (!run || !upper) return [];
    const wider = Int32Array.from(upper.keys()).filter((i) => upper[i]! > 0);
    const inside = overall(intervalsByDecile(protocol.set, run, 80, wider));
    return inside ? [`${protocol.set.protocol.id} ${percent(inside.coverage)}`] : [];
  });
  if (shares.length === 0) return '';
  return (
    'More than 80 % are inside where more than that buy nothing: their interval is 0 to 0, which cannot hold fewer. Of the ' +
    `customers whose interval is wider are inside: ${shares.join(', ')}.`
  );
}

/** First what is bad: where some peer, or the prior without the network, is significantly better than ours. */
function behind(measured: readonly MeasuredProtocol[]): string {
  const trained = measured.filter(oursOf);
  const peers = trained.flatMap(({ set, cells }) =>
    cells
      .filter(({ verdict }) => verdict === 'worse')
      .map(({ metric, bestPeer, ...values }) => place(set.protocol.id, metric, values.ours, bestPeer, values.peer)),
  );
  const prior = trained.flatMap(({ set, draws }) => {
    const [mine, alone] = [draws.get(ours.name), draws.get(priorOnly.name)];
    if (!mine || !alone) return [];
    return cellMetrics
      .filter((metric) => advantageOf(draws, metric, ours.name, priorOnly.name).upper < 0)
      .map((metric) => place(set.protocol.id, metric, mine[metric][0]!, priorOnly.name, alone[metric][0]!));
  });
  const list = (places: readonly string[]) => (places.length === 0 ? 'nowhere' : places.join('; '));
  return (
    `**Where ours is behind**, significantly, the peer that is best in that figure: ${list(peers)}. Behind the prior ` +
    `alone: ${list(prior)}.`
  );
}

function place(id: string, metric: CellMetric, own: number, other: string, value: number): string {
  const show = cellShows[metric];
  return `${id} ${cellTitles[metric]} ${show(own)} (${other.replaceAll(/[_-]/g, ' ')} ${show(value)})`;
}
