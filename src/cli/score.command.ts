import { Command } from 'commander';
import { executeRun } from './execute-run.js';
import { asOfOption, id, horizonOption, type PeriodFlags } from './run-options.js';

interface ScoreFlags extends PeriodFlags {
  readonly model?: string;
}

/** `clvgraph score`: predicts the whole base. */
export function scoreCommand(): Command {
  return new Command('score')
    .description('predict all customers with a model')
    .option('--model <id>', 'the model (default: the active one)', id('ModelVersion'))
    .addOption(asOfOption())
    .addOption(horizonOption())
    .action(({ model, ...period }: ScoreFlags) =>
      executeRun(({ runStarts }) => runStarts.scoring({ ...period, modelId: model }, null)),
    );
}
