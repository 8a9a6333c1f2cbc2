import { ArrayMaxSize, ArrayUnique, IsPositive, Length, Max, Min, ValidateNested } from 'class-validator';
import { Field, Float, ID, InputType, Int } from 'type-graphql';
import type { TrainingObjective, TrainingStrategy } from '../../entities/index.js';
import { TrainingObjectiveEnum, TrainingStrategyEnum } from '../models/model.enum.js';
import { longestAttributeName, mostCovariates } from '../../ml/features/covariates.js';
import { longestHorizonDays, shortestLearntDays } from '../../ml/features/horizon-limits.js';
import {
  defaultLearningRate,
  fineTuningDefaults,
  largestBatch,
  mostEpochs,
} from '../../services/fine-tuning/fine-tuning.types.js';
import {
  defaultMaxTrainingRows,
  leastMaxTrainingRows,
  mostMaxTrainingRows,
} from '../../services/preprocessing/preprocessing.types.js';
import { grouped } from '../../text.js';

const wholeDay = 'An instant stands for its day in UTC.';
const presentAsOf =
  wholeDay +
  ' Tomorrow at the latest. Default: CLVGRAPH_AS_OF; where that is `auto`, today, or the day after the last purchase ' +
  'if that was more than 60 days ago; refused (CONFLICT) where a few stray orders would set it.';

@InputType()
class PreprocessingOptionsInput {
  @Field(() => Int, {
    nullable: true,
    description:
      `About so many training rows at most, ${leastMaxTrainingRows} to ${grouped(mostMaxTrainingRows)}; a larger base is sampled. ` +
      `Default ${grouped(defaultMaxTrainingRows)}.`,
  })
  @Min(leastMaxTrainingRows)
  @Max(mostMaxTrainingRows)
  maxTrainingRows?: number | null;
}

@InputType()
export class StartPreprocessingInput {
  @Field(() => Date, {
    nullable: true,
    description: `Nothing dated on this day or later is used. ${presentAsOf}`,
  })
  asOf?: Date | null;

  @Field(() => Int, {
    nullable: true,
    description: `Longest horizon to learn, ${shortestLearntDays} to ${longestHorizonDays} days. Default: CLVGRAPH_HORIZON_DAYS, at least ${shortestLearntDays}.`,
  })
  @Min(shortestLearntDays)
  @Max(longestHorizonDays)
  horizonDays?: number | null;

  @Field(() => [String], {
    nullable: true,
    description:
      `Names of up to ${mostCovariates} attributes of customers that models of the snapshot read, e.g. \`channel\`. Only what is ` +
      'known at the first purchase and does not change: anything else would tell a model what happened later. Default: none.',
  })
  @ArrayMaxSize(mostCovariates)
  @ArrayUnique({ message: 'must have each attribute only once' })
  @Length(1, longestAttributeName, {
    each: true,
    message: `must have attributes of 1 to ${longestAttributeName} characters`,
  })
  covariates?: string[] | null;

  @Field(() => PreprocessingOptionsInput, { nullable: true })
  @ValidateNested()
  options?: PreprocessingOptionsInput | null;
}

@InputType()
export class StartFineTuneInput {
  @Field(() => ID, { nullable: true, description: 'Default: the newest snapshot.' })
  snapshotId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      '`built-in`, a model of the hub, `owner/name` or `owner/name@revision`, or a folder in Hugging Face layout within ' +
      'CLVGRAPH_BASE_FOLDER. Default: CLVGRAPH_BASE.',
  })
  @Length(1, 4_096, { message: 'must have 1 to $constraint2 characters' })
  base?: string | null;

  @Field(() => TrainingStrategyEnum, { nullable: true, description: `Default ${fineTuningDefaults.strategy}.` })
  strategy?: TrainingStrategy | null;

  @Field(() => TrainingObjectiveEnum, { nullable: true, description: `Default ${fineTuningDefaults.objective}.` })
  objective?: TrainingObjective | null;

  @Field(() => Int, {
    nullable: true,
    description:
      `Epochs of the whole model at most, 1 to ${mostEpochs}; training stops early where the held-out loss does not fall. ` +
      `Default ${fineTuningDefaults.epochs}.`,
  })
  @Min(1)
  @Max(mostEpochs)
  epochs?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `Training rows a step, 1 to ${grouped(largestBatch)}. Default ${fineTuningDefaults.batchSize}.`,
  })
  @Min(1)
  @Max(largestBatch)
  batchSize?: number | null;

  @Field(() => Float, {
    nullable: true,
    description: `Peak of the schedule, above 0, up to 1. Default ${defaultLearningRate}.`,
  })
  @IsPositive()
  @Max(1)
  learningRate?: number | null;

  @Field(() => Int, {
    nullable: true,
    description: `0 or more; the same seed gives the same model on the same CPU with as many threads. Default ${fineTuningDefaults.seed}.`,
  })
  @Min(0)
  seed?: number | null;
}

@InputType({
  description:
    'Lists, segments and the portfolio read the newest scoring for CLVGRAPH_HORIZON_DAYS: a scoring of the past, or over ' +
    'another horizon, leaves them as they are, unless there is no other.',
})
export class StartScoringInput {
  @Field(() => ID, { nullable: true, description: 'Default: the active model.' })
  modelId?: string | null;

  @Field(() => Date, { nullable: true, description: presentAsOf })
  asOf?: Date | null;

  @Field(() => Int, { nullable: true, description: `1 to ${longestHorizonDays} days. Default: CLVGRAPH_HORIZON_DAYS.` })
  @Min(1)
  @Max(longestHorizonDays)
  horizonDays?: number | null;
}

@InputType()
export class StartEvaluationInput {
  @Field(() => ID, { nullable: true, description: 'Default: the active model.' })
  modelId?: string | null;

  @Field(() => Date, {
    nullable: true,
    description: `${wholeDay} Default: the last date whose horizon is over in the data, stray last orders aside.`,
  })
  asOf?: Date | null;

  @Field(() => Int, { nullable: true, description: `1 to ${longestHorizonDays} days. Default: CLVGRAPH_HORIZON_DAYS.` })
  @Min(1)
  @Max(longestHorizonDays)
  horizonDays?: number | null;
}
