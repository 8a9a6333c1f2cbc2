import { Command, InvalidArgumentError, Option } from 'commander';
import { ours } from './ours.js';
import { protocolIds } from './protocols.js';
import { exportRows, prepare, type Selection, trainOurs } from './steps.js';

interface Flags {
  readonly protocol: readonly string[];
  readonly fold: readonly string[];
  readonly seed: readonly number[];
  readonly seeds?: number;
  readonly fresh: boolean;
  readonly data: string;
}

const wholeNumber = (text: string): number => {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 9999.');
};
const wholeNumbers = (text: string, before: readonly number[]): number[] => [...before, wholeNumber(text)];

function selectionOf({ protocol, fold, seed, seeds, fresh, data }: Flags): Selection {
  return { protocols: protocol, folds: fold, seeds: seed, seedCount: seeds, fresh, dataFolder: data };
}

function step(name: string, description: string, work: (selection: Selection) => Promise<void>): Command {
  return new Command(name)
    .description(description)
    .addOption(new Option('--protocol <ids...>', 'some of them only').choices(protocolIds).default([], 'all'))
    .addOption(new Option('--fold <names...>', 'all, fold1 to fold5').default([], 'all of them'))
    .addOption(new Option('--seed <numbers...>', 'model seeds').argParser(wholeNumbers).default([], 'by protocol'))
    .option('--seeds <count>', 'number of model seeds a fold; by default 5, or 1 in each fold of 5', wholeNumber)
    .option('--fresh', 'do again what is there already', false)
    .option('--data <folder>', 'where the data sets are', '../shared/data')
    .action((flags: Flags) => work(selectionOf(flags)));
}

const program = new Command('quality').description('model quality beside its peers: docs/benchmarks/quality.md');
program.addCommand(step('prepare', 'import the data, make training databases and snapshots', prepare));
program.addCommand(step('export', 'write the rows that peers learn from and are tested on', exportRows));
program.addCommand(step('ours', 'train our model and predict', (selection) => trainOurs(selection, [ours])));
await program.parseAsync();
