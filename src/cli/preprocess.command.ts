import { Command } from 'commander';
import { shortestLearntDays } from '../ml/features/horizon-limits.js';
import { defaultMaxTrainingRows } from '../services/preprocessing/preprocessing.types.js';
import { executeRun } from './execute-run.js';
import { asOfOption, horizonOption, names, number, type PeriodFlags } from './run-options.js';

interface PreprocessFlags extends PeriodFlags {
  readonly maxTrainingRows?: number;
  readonly covariates?: string[];
}

/** `clvgraph preprocess`: cleans the history and cuts it into a snapshot. */
export function preprocessCommand(): Command {
  return new Command('preprocess')
    .description('clean the history and cut it into a snapshot to train on')
    .addOption(asOfOption())
    .addOption(horizonOption(shortestLearntDays))
    .option(
      '--max-training-rows <number>',
      `about so many rows at most, 100 to 5000000; a larger base is sampled (default: ${defaultMaxTrainingRows})`,
      number,
    )
    .option(
      '--covariates <names>',
      'attributes of customers that models read, e.g. channel,plan: only what is known at the first purchase and does not change (default: none)',
      names,
    )
    .action(({ maxTrainingRows, ...request }: PreprocessFlags) =>
      executeRun(({ runStarts }) =>
        runStarts.preprocessing(
          { ...request, ...(maxTrainingRows !== undefined && { options: { maxTrainingRows } }) },
          null,
        ),
      ),
    );
}
