import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { ModelState, TrainingObjective, TrainingStrategy } from '../../entities/index.js';
import type { Advice } from '../../ml/training/advice.js';
import type { EpochRecord } from '../../ml/training/fine-tune.js';
import type { ScoringPrecision } from '../../services/fine-tuning/scoring-precision.js';
import { connectionOf } from '../connection.js';
import { EvaluationType } from './evaluation.type.js';
import { JsonObjectScalar } from '../scalars/json-object.scalar.js';
import {
  ModelAdviceCodeEnum,
  ModelGradeEnum,
  ModelStateEnum,
  ScoringPrecisionEnum,
  TrainingObjectiveEnum,
  TrainingStrategyEnum,
} from './model.enum.js';
import { NodeType } from '../node.type.js';

@ObjectType('ModelMetrics')
class ModelMetricsType {
  @Field(() => EvaluationType, {
    simple: true,
    nullable: true,
    description: 'On held-out customers of the newest closed window of the snapshot. Null where it has none.',
  })
  validation: EvaluationType | null;

  @Field(() => EvaluationType, {
    simple: true,
    nullable: true,
    description:
      'On what happened after the as-of date of the snapshot, which training did not know, as found by the last EVALUATE ' +
      'run that looked; null until a horizon has passed since and a run has looked.',
  })
  holdout: EvaluationType | null;
}

@ObjectType('TrainingEpoch')
export class TrainingEpochType implements EpochRecord {
  @Field(() => Int, {
    simple: true,
    description:
      '0 is the untrained model, i.e. the prior; 1 has learnt from numbers and single words. Those of the whole model, which ' +
      '`epochs` of `StartFineTuneInput` counts, begin at 2.',
  })
  epoch: number;

  @Field(() => Float, { simple: true, nullable: true, description: 'Null before the epochs of the whole model.' })
  trainingLoss: number | null;

  @Field(() => Float, {
    simple: true,
    description:
      'On the held-out customers. Training keeps the epoch with the lowest; the first of the whole model only where it gains ' +
      'more than one standard error of the difference, customer by customer.',
  })
  validationLoss: number;

  @Field(() => Float, { simple: true })
  seconds: number;
}

@ObjectType('ModelScoring', { description: 'How the predictions of a model are computed.' })
export class ModelScoringType implements ScoringPrecision {
  @Field(() => ScoringPrecisionEnum, { simple: true })
  precision: ScoringPrecision['precision'];

  @Field({ simple: true, description: 'Why so.' })
  reason: string;

  @Field(() => Float, {
    simple: true,
    nullable: true,
    description:
      'Share by which 8-bit integers change the values of 99 % of the held-out customers at most; null if they were not tried.',
  })
  relativeChange: number | null;
}

@ObjectType('ModelAdvice', { description: 'Something that is wrong with a model, and what to do about it.' })
export class ModelAdviceType implements Advice {
  @Field(() => ModelAdviceCodeEnum, { simple: true })
  code: Advice['code'];

  @Field({ simple: true })
  message: string;
}

@ObjectType('ModelVersion', { implements: NodeType, description: 'A fine-tuned model.' })
export class ModelVersionType extends NodeType {
  @Field({ simple: true, description: 'Pretrained checkpoint that it was fine-tuned from.' })
  base: string;

  @Field(() => TrainingStrategyEnum, { simple: true })
  strategy: TrainingStrategy;

  @Field(() => TrainingObjectiveEnum, { simple: true })
  objective: TrainingObjective;

  @Field(() => [String], { simple: true, description: 'Attributes of customers that it reads: those of its snapshot.' })
  covariates: string[];

  @Field(() => ModelStateEnum, { simple: true })
  state: ModelState;

  @Field(() => ModelGradeEnum, { simple: true, nullable: true, description: 'Null until it is trained.' })
  grade: string | null;

  @Field(() => ModelMetricsType, { simple: true })
  metrics: object;

  @Field(() => JsonObjectScalar, { simple: true })
  hyperparameters: Record<string, unknown>;

  @Field(() => Date, {
    simple: true,
    nullable: true,
    description:
      'As-of date of the scoring of all customers that lists and segments read while it serves. Null before one.',
  })
  scoredAsOf: Date | null;

  @Field(() => Int, { simple: true, nullable: true })
  scoredHorizonDays: number | null;

  @Field({ simple: true })
  createdAt: Date;

  @Field(() => Date, { simple: true, nullable: true, description: 'When it last began to serve.' })
  promotedAt: Date | null;

  @Field(() => Date, { simple: true, nullable: true })
  retiredAt: Date | null;
}

export const ModelVersionConnection = connectionOf('ModelVersion', ModelVersionType);
