import { Command } from 'commander';
import { defaultMaxTrainingRows } from '../services/preprocessing/preprocessing.types.js';
import { executeRun } from './execute-run.js';
import { asOfOption, horizonOption, number, type PeriodFlags } from './run-options.js';

interface PreprocessFlags extends PeriodFlags {
  readonly maxTrainingRows?: number;
}

/** `clvgraph preprocess`: cleans the history and cuts it into a snapshot. */
export function preprocessCommand(): Command {
  return new Command('preprocess')
    .description('clean the history and cut it into a snapshot to train on')
    .addOption(asOfOption())
    .addOption(horizonOption(7))
    .option(
      '--max-training-rows <number>',
      `about so many rows at most, 100 to 5000000; a larger base is sampled (default: ${defaultMaxTrainingRows})`,
      number,
    )
    .action(({ maxTrainingRows, ...period }: PreprocessFlags) =>
      executeRun(({ runStarts }) =>
        runStarts.preprocessing(
          { ...period, ...(maxTrainingRows !== undefined && { options: { maxTrainingRows } }) },
          null,
        ),
      ),
    );
}
