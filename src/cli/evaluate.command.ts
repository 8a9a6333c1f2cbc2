import { Command } from 'commander';
import { dayOf } from '../days.js';
import type { Evaluation } from '../services/fine-tuning/evaluation.service.js';
import { executeRun } from './execute-run.js';
import { asOfOption, id, horizonOption, type PeriodFlags } from './run-options.js';

interface EvaluateFlags extends PeriodFlags {
  readonly model?: string;
}

type EvaluationResult = Pick<Evaluation, 'report' | 'isHoldout'> & { readonly modelId: string };

/** `clvgraph evaluate`: compares predictions as of a past date with what then happened. */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('compare predictions as of a past date with what then happened')
    .option('--model <id>', 'the model (default: the active one)', id('ModelVersion'))
    .addOption(asOfOption('default: the last date whose horizon is over in the data'))
    .addOption(horizonOption())
    .action(({ model, ...period }: EvaluateFlags) =>
      executeRun(
        ({ runStarts }) => runStarts.evaluation({ ...period, modelId: model }, null),
        async (_, { result }) => caution(result as EvaluationResult),
      ),
    );
}

function caution({ modelId, isHoldout, report }: EvaluationResult): string[] {
  if (isHoldout) return [];
  const date = dayOf(new Date(report.asOf));
  return [
    `Model ${modelId} was trained on what happened after ${date}, too, so these figures flatter it.`,
    `  For a real test: preprocess --as-of ${date}, fine-tune, and evaluate that model.`,
  ];
}
