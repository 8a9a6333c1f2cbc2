import { Command, Option } from 'commander';
import { trainingStrategies } from '../../src/entities/index.js';
import { reported } from '../../src/cli/reported.js';
import { wholeNumber } from '../../src/cli/run-options.js';
import { ours } from './ours.js';
import { preparePeers, runPeers } from './peers.js';
import { chosenOf, foldNames, protocolIds, protocols } from './protocols.js';
import { printMetrics, writeReport } from './report.js';
import { simulated } from './simulated/command.js';
import { exportRows, forget, prepare, requireData, type Selection, trainOurs } from './steps.js';
import { ablations, oursOrOnBase } from './variants.js';

interface Flags {
  readonly protocol: readonly string[];
  readonly fold: readonly string[];
  readonly seed: readonly number[];
  readonly seeds?: number;
  readonly fresh: boolean;
  readonly data: string;
}

const count = wholeNumber(1, 9_999);
const counts = (text: string, before: readonly number[]): number[] => [...before, count(text)];

function selectionOf({ protocol, fold, seed, seeds, fresh, data }: Flags): Selection {
  return {
    protocols: chosenOf(protocols, protocol),
    folds: fold,
    seeds: seed,
    seedCount: seeds,
    fresh,
    dataFolder: data,
  };
}

function command(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .addOption(new Option('--protocol <ids...>', 'some of them only').choices(protocolIds).default([], 'all'))
    .addOption(new Option('--fold <names...>', 'some of them only').choices(foldNames).default([], 'all of them'))
    .addOption(new Option('--seed <numbers...>', 'model seeds').argParser(counts).default([], 'by protocol'))
    .option('--seeds <count>', 'number of model seeds a fold; by default 5, or 1 in each fold of 5', count)
    .option('--fresh', 'do again what is there already', false)
    .option('--data <folder>', 'where the data sets are', '../shared/data');
}

function step(name: string, description: string, work: (selection: Selection) => Promise<void>): Command {
  return command(name, description).action((flags: Flags) => work(selectionOf(flags)));
}

/** Every step in order; what is there already is kept unless `--fresh`. */
async function everything({ fresh, ...chosen }: Selection): Promise<void> {
  const selection = { ...chosen, fresh: false };
  // First what may be missing, before hours of training.
  await requireData({ ...chosen, fresh });
  await preparePeers();
  if (fresh) await forget(selection);
  await exportRows(selection);
  await trainOurs(selection, [ours]);
  await trainOurs(oneSeed(selection), ablations);
  await runPeers(selection);
  await writeReport();
}

/** Ablations differ by more than seeds do: one seed a protocol, unless others are asked for. */
const oneSeed = (selection: Selection): Selection => ({
  ...selection,
  seedCount: selection.seedCount ?? 1,
});

interface BaseFlags extends Flags {
  readonly name?: string;
  readonly base?: string;
  readonly strategy?: (typeof trainingStrategies)[number];
}

/** `ours`, or a model of another name on another base. */
function oursStep(): Command {
  return command('ours', 'train our model and predict')
    .option('--base <name>', 'another pretrained base, as CLVGRAPH_BASE; with --name')
    .addOption(new Option('--strategy <name>', 'how to fine-tune that base').choices(trainingStrategies))
    .option('--name <name>', 'what the tables call the model on that base, e.g. minilm-lora')
    .action((flags: BaseFlags) => trainOurs(selectionOf(flags), [oursOrOnBase(flags)]));
}

function ablationsStep(): Command {
  const names = ablations.map(({ name }) => name);
  return command('ablations', 'train our model without each of its parts')
    .addOption(new Option('--only <names...>', 'some of them').choices(names).default(names, 'all'))
    .action(async (flags: Flags & { readonly only: readonly string[] }) => {
      const chosen = ablations.filter(({ name }) => flags.only.includes(name));
      await trainOurs(oneSeed(selectionOf(flags)), chosen);
    });
}

const program = step('quality', 'model quality beside its peers: docs/benchmarks/quality.md', everything);
program.enablePositionalOptions();
program.addCommand(step('prepare', 'import the data, make training databases and snapshots', prepare));
program.addCommand(step('export', 'write the rows that peers learn from and are tested on', exportRows));
program.addCommand(oursStep());
program.addCommand(ablationsStep());
program.addCommand(step('peers', 'fit the peers and predict', runPeers));
program.addCommand(
  step('metrics', 'tables on the terminal; looks at P1, P3 and P5 are logged', ({ protocols }: Selection) =>
    printMetrics(protocols),
  ),
);
program.addCommand(
  new Command('report')
    .description('write docs/benchmarks/quality.md and its plots, of all that is there')
    .action(writeReport),
);
program.addCommand(simulated());
await reported(() => program.parseAsync());
