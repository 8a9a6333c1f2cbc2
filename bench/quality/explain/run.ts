import { Argument, Command, Option } from 'commander';
import { join } from 'node:path';
import { versions } from 'node:process';
import { reported } from '../../../src/cli/reported.js';
import { wholeNumber } from '../../../src/cli/run-options.js';
import type { Config } from '../../../src/config.js';
import { ModelLoader } from '../../../src/services/models/loaded-model.js';
import { BenchServer } from '../../bench-server.js';
import { benchConfig } from '../ours.js';
import { withProgressLines } from '../progress-lines.js';
import { type Protocol, type ProtocolId, protocols } from '../protocols.js';
import { databaseFolder, readJson, workFolder, writeJson, writeWhole } from '../work-folder.js';
import { type Measurements, measure } from './measure.js';
import { orderPlot, shapleyPlot } from './plots.js';
import { type ProtocolReport, reportText } from './report.js';
import { databaseWithModel } from './trained-model.js';

interface Flags {
  readonly data: string;
  readonly fresh: boolean;
  readonly customers: number;
  readonly shapleyCustomers: number;
}

const resultOf = ({ id }: Protocol): string => join(workFolder, 'explanations', `${id}.json`);

async function run(ids: readonly ProtocolId[], flags: Flags): Promise<void> {
  const config = benchConfig();
  const chosen = protocols.filter(({ id }) => ids.includes(id));
  await using server = await BenchServer.open(databaseFolder);
  for (const protocol of chosen)
    await writeJson(resultOf(protocol), await measureProtocol(server, protocol, config, flags));
  await writeReport(config);
}

async function measureProtocol(
  server: BenchServer,
  protocol: Protocol,
  config: Config,
  { data, fresh, customers, shapleyCustomers }: Flags,
): Promise<Measurements> {
  const database = await withProgressLines(`train ${protocol.id}`, (progress) =>
    databaseWithModel(server, protocol, { dataFolder: data, fresh, config, progress }),
  );
  const models = new ModelLoader(database, config);
  try {
    return await withProgressLines(`explain ${protocol.id}`, (progress) =>
      measure(database, models, protocol, { customers, shapleyCustomers, progress }),
    );
  } finally {
    await models.close();
    await database.destroy();
  }
}

/** Of every protocol that was ever measured here. */
async function writeReport({ engine, device }: Config): Promise<void> {
  const reports: ProtocolReport[] = [];
  for (const protocol of protocols) {
    const measured = await readJson<Measurements>(resultOf(protocol));
    if (measured) reports.push({ protocol, measured });
  }
  const folder = join('docs', 'benchmarks');
  for (const { protocol, measured } of reports) {
    const path = (name: string) => join(folder, 'explanations', `${protocol.id.toLowerCase()}-${name}.svg`);
    const { deletion, insertion, shapley } = measured;
    await writeWhole(
      path('orders'),
      orderPlot(`Deletion and insertion, ${protocol.id}`, deletion.curves, insertion.curves),
    );
    await writeWhole(
      path('shapley'),
      shapleyPlot(`Exact Shapley values, ${protocol.id}`, shapley.pairs, protocol.data.currency),
    );
  }
  const made = `Node ${versions.node}, engine ${engine}, device ${device}; every draw is seeded by protocol and customer.`;
  await writeWhole(join(folder, 'explanations.md'), reportText(reports, made));
}

const count = wholeNumber(1, 1_000_000);

/** Those that train one model. */
const temporal = protocols.filter(({ labels }) => labels === 'temporal').map(({ id }) => id);

const program = new Command('explanations')
  .description('Measures how faithful explanations are; writes docs/benchmarks/explanations.md.')
  .addArgument(new Argument('[protocols...]').choices(temporal).default(['P1', 'P4']))
  .addOption(new Option('--data <folder>', 'where the data sets are').default('../shared/data'))
  .addOption(new Option('--customers <n>', 'random customers').default(500).argParser(count))
  .addOption(new Option('--shapley-customers <n>', 'of them, with exact Shapley values').default(50).argParser(count))
  .option('--fresh', 'train anew, instead of explaining the model that was kept', false)
  .action(run);
await reported(() => program.parseAsync());
