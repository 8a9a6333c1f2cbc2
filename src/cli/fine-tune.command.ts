import { Command, Option } from 'commander';
import { trainingObjectives, trainingStrategies } from '../entities/index.js';
import type { FineTuningInput } from '../services/fine-tuning/fine-tuning.types.js';
import { executeRun } from './execute-run.js';
import { id, number } from './run-options.js';

type FineTuneFlags = Omit<FineTuningInput, 'snapshotId'> & { readonly snapshot?: string };

/** `clvgraph fine-tune`: trains a candidate on a snapshot. */
export function fineTuneCommand(): Command {
  return new Command('fine-tune')
    .description('train a candidate model on a snapshot, the newest unless one is named')
    .option('--snapshot <id>', 'the snapshot', id)
    .option('--base <name>', 'pretrained model: built-in, a folder in Hugging Face layout, or owner/name on the hub')
    .addOption(new Option('--strategy <name>', 'which weights are trained').choices(trainingStrategies))
    .addOption(new Option('--objective <name>', 'what is learnt').choices(trainingObjectives))
    .option('--epochs <number>', 'passes over the training rows at most', number)
    .option('--batch-size <number>', 'customers a step', number)
    .option('--learning-rate <number>', 'peak of the schedule', number)
    .option('--seed <number>', 'the same seed gives the same model on a CPU', number)
    .action(({ snapshot, ...settings }: FineTuneFlags) =>
      executeRun(({ runStarts }) =>
        runStarts.fineTune({ ...settings, ...(snapshot && { snapshotId: snapshot }) }, null),
      ),
    );
}
