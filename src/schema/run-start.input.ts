import { IsPositive, Length, Max, Min, ValidateNested } from 'class-validator';
import { Field, Float, ID, InputType, Int } from 'type-graphql';
import type { TrainingObjective, TrainingStrategy } from '../entities/index.js';
import { TrainingObjectiveEnum, TrainingStrategyEnum } from './model.enum.js';
import { longestHorizonDays } from '../ml/features/longest-horizon.js';

@InputType()
export class PreprocessingOptionsInput {
  @Field(() => Int, {
    nullable: true,
    description: 'About so many training rows at most; a larger base is sampled. Default 60,000.',
  })
  @Min(100)
  @Max(5_000_000)
  maxTrainingRows?: number | null;
}

@InputType()
export class StartPreprocessingInput {
  @Field(() => Date, {
    nullable: true,
    description:
      'Nothing dated at or after this instant is used. Default: today, or the end of data that ended long ago.',
  })
  asOf?: Date | null;

  @Field(() => Int, { nullable: true, description: 'Longest horizon to learn. Default: CLVGRAPH_HORIZON_DAYS.' })
  @Min(1)
  @Max(longestHorizonDays)
  horizonDays?: number | null;

  @Field(() => PreprocessingOptionsInput, { nullable: true })
  @ValidateNested()
  options?: PreprocessingOptionsInput | null;
}

@InputType()
export class StartFineTuneInput {
  @Field(() => ID, { nullable: true, description: 'Default: the newest snapshot.' })
  snapshotId?: string | null;

  @Field({
    nullable: true,
    description:
      '`built-in`, a folder in Hugging Face layout, or a model of the hub, `owner/name` or `owner/name@revision`. ' +
      'Default: CLVGRAPH_BASE.',
  })
  @Length(1, 4_096)
  base?: string;

  @Field(() => TrainingStrategyEnum, { nullable: true, description: 'Default FULL.' })
  strategy?: TrainingStrategy;

  @Field(() => TrainingObjectiveEnum, { nullable: true, description: 'Default ZILN.' })
  objective?: TrainingObjective;

  @Field(() => Int, { nullable: true, description: 'At most; training stops early where the held-out loss grows.' })
  @Min(1)
  @Max(100)
  epochs?: number;

  @Field(() => Int, { nullable: true })
  @Min(1)
  @Max(1_024)
  batchSize?: number;

  @Field(() => Float, { nullable: true, description: 'Peak of the schedule. Default: one that fits the strategy.' })
  @IsPositive()
  @Max(1)
  learningRate?: number;

  @Field(() => Int, { nullable: true, description: 'The same seed gives the same model on the same device.' })
  @Min(0)
  seed?: number;
}

@InputType({
  description:
    'Lists, segments and the portfolio read the newest scoring for CLVGRAPH_HORIZON_DAYS: looking back, or over another ' +
    'horizon, leaves them as they are, unless there is none.',
})
export class StartScoringInput {
  @Field(() => ID, { nullable: true, description: 'Default: the active model.' })
  modelId?: string | null;

  @Field(() => Date, {
    nullable: true,
    description:
      'Default: today, or the end of data that ended long ago; refused (CONFLICT) where a few stray orders would set it.',
  })
  asOf?: Date | null;

  @Field(() => Int, { nullable: true, description: 'Default: CLVGRAPH_HORIZON_DAYS.' })
  @Min(1)
  @Max(longestHorizonDays)
  horizonDays?: number | null;
}

@InputType()
export class StartEvaluationInput {
  @Field(() => ID, { nullable: true, description: 'Default: the active model.' })
  modelId?: string | null;

  @Field(() => Date, { nullable: true, description: 'Default: the last date whose horizon is over in the data.' })
  asOf?: Date | null;

  @Field(() => Int, { nullable: true, description: 'Default: CLVGRAPH_HORIZON_DAYS.' })
  @Min(1)
  @Max(longestHorizonDays)
  horizonDays?: number | null;
}
