import { Command } from 'commander';
import { executeRun } from './execute-run.js';
import { asOfOption, id, horizonOption, type PeriodFlags } from './run-options.js';

interface EvaluateFlags extends PeriodFlags {
  readonly model?: string;
}

/** `clvgraph evaluate`: compares predictions as of a past date with what then happened. */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('compare predictions as of a past date with what then happened')
    .option('--model <id>', 'the model (default: the active one)', id)
    .addOption(asOfOption('default: the last date whose horizon is over in the data'))
    .addOption(horizonOption())
    .action(({ model, ...period }: EvaluateFlags) =>
      executeRun(({ runStarts }) => runStarts.evaluation({ ...period, ...(model && { modelId: model }) }, null)),
    );
}
