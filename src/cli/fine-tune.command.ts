import { Command, InvalidArgumentError, Option } from 'commander';
import { type Run, trainingObjectives, trainingStrategies } from '../entities/index.js';
import type { Services } from '../services/create-services.js';
import {
  defaultLearningRate,
  fineTuningDefaults as defaults,
  type FineTuningInput,
  type FineTuningResult,
  largestBatch,
  largestSeed,
  mostEpochs,
} from '../services/fine-tuning/fine-tuning.types.js';
import { adviceLines } from './advice-lines.js';
import { executeRun } from './execute-run.js';
import { base, id, number, wholeNumber } from './run-options.js';

type FineTuneFlags = Omit<FineTuningInput, 'snapshotId'> & { readonly snapshot?: string };

/** `clvgraph fine-tune`: trains a candidate on a snapshot. */
export function fineTuneCommand(): Command {
  return new Command('fine-tune')
    .description('train a candidate model on a snapshot')
    .option('--snapshot <id>', 'the snapshot (default: the newest)', id('Snapshot'))
    .option(
      '--base <name>',
      'pretrained model: built-in, a folder in Hugging Face layout, or owner/name on the hub (default: CLVGRAPH_BASE)',
      base,
    )
    .addOption(oneOf('--strategy <name>', 'which weights are trained', trainingStrategies, defaults.strategy))
    .addOption(oneOf('--objective <name>', 'what is learnt', trainingObjectives, defaults.objective))
    .option(
      '--epochs <number>',
      `epochs of the whole model at most, 1 to ${mostEpochs} (default: ${defaults.epochs})`,
      wholeNumber(1, mostEpochs),
    )
    .option(
      '--batch-size <number>',
      `training rows a step, 1 to ${largestBatch} (default: ${defaults.batchSize})`,
      wholeNumber(1, largestBatch),
    )
    .option(
      '--learning-rate <number>',
      `peak of the schedule, above 0, up to 1 (default: ${defaultLearningRate})`,
      learningRate,
    )
    .option(
      '--seed <number>',
      `0 to ${largestSeed}; the same seed gives the same model on the same CPU with as many threads (default: ${defaults.seed})`,
      wholeNumber(0, largestSeed),
    )
    .action(({ snapshot, ...settings }: FineTuneFlags) =>
      executeRun(({ runStarts }) => runStarts.fineTune({ ...settings, snapshotId: snapshot }, null), gradeAndAdvice),
    );
}

async function gradeAndAdvice({ models }: Services, { result }: Run): Promise<readonly string[]> {
  const { modelId } = result as Pick<FineTuningResult, 'modelId'>;
  const [model] = await models.findMany([modelId]);
  if (!model) return [];
  const advice = await adviceLines(models, model);
  return advice.length === 0 ? [] : [`Model ${modelId}, grade ${model.grade}:`, ...advice];
}

function learningRate(text: string): number {
  const value = number(text);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('It must be above 0, and at most 1.');
}

/** An option with choices. The default is only shown in the help; the run itself applies it. */
function oneOf(flags: string, description: string, choices: readonly string[], byDefault: string): Option {
  return new Option(flags, `${description} (default: ${byDefault})`).choices(choices);
}
