import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { EvaluationDecile } from '../../ml/training/evaluation.js';
import { DateTimeScalar } from '../scalars/date-time.scalar.js';
import { nullableFloat } from '../number-fields.js';

@ObjectType('PredictionMetrics', {
  description: 'How good predictions were on customers whose horizon has passed. Null: the data do not define it.',
})
export class PredictionMetricsType {
  @Field(() => Float, { simple: true, description: 'Mean squared error, in squared currency.' })
  mse: number;

  @Field(() => Float, { simple: true, description: 'Root mean squared error, in currency.' })
  rmse: number;

  @Field(() => Float, { simple: true, description: 'Mean absolute error, in currency.' })
  mae: number;

  @nullableFloat('Coefficient of determination.')
  r2: number | null;

  @nullableFloat('Rank correlation, -1 to 1.')
  spearman: number | null;

  @nullableFloat('Normalised Gini coefficient of the ranking; 1 is perfect.')
  normalizedGini: number | null;

  @nullableFloat('Mean absolute percentage error over deciles of the prediction, as a share: 0.2 for 20 %.')
  decileMape: number | null;

  @nullableFloat('Sum predicted / sum actual - 1.')
  bias: number | null;

  @nullableFloat('Share of the actual value that the best-ranked tenth has.')
  topDecileShare: number | null;

  @nullableFloat(
    'Share of customers inside their central 80 % interval. More than 80 % is right if many customers are more than 80 % likely to buy nothing: their interval is 0 to 0. A customer who returned more than was bought counts as one who bought nothing.',
  )
  coverage80: number | null;

  @nullableFloat('Share of customers inside their central 95 % interval, counted as for `coverage80`.')
  coverage95: number | null;

  @nullableFloat('Area under the ROC curve of "buys again".')
  auc: number | null;

  @nullableFloat('Brier score of "buys again"; 0 is perfect.')
  brier: number | null;
}

@ObjectType('NaiveRankMetrics', {
  description:
    'The best of the plain rankings, each by a single number of the past. It has no probabilities and no intervals: `auc`, `brier`, ' +
    '`coverage80` and `coverage95` are null.',
})
class NaiveRankMetricsType extends PredictionMetricsType {
  @Field({ simple: true, description: 'What customers were ranked by.' })
  name: string;
}

@ObjectType('GiniLift', { description: 'How far the ranking is ahead of the better of prior and plain ranking.' })
class GiniLiftType {
  @Field({ simple: true, description: '`prior`, or the name of the best plain ranking.' })
  reference: string;

  @Field(() => Float, { simple: true, description: "The model's normalised Gini minus the reference's." })
  difference: number;

  @Field(() => Float, {
    simple: true,
    description: 'Lower end of the 95 % interval (paired bootstrap over customers).',
  })
  lower: number;

  @Field(() => Float, { simple: true })
  upper: number;
}

@ObjectType('BiasInterval', {
  description:
    'Central 95 % interval of a bias: jackknife over customers. It holds 0 if fewer than five of them bought.',
})
export class BiasIntervalType {
  @Field(() => Float, { simple: true })
  lower: number;

  @Field(() => Float, { simple: true })
  upper: number;
}

@ObjectType('EvaluationDecile', { description: 'A tenth of the customers. Money in currency.' })
class EvaluationDecileType implements EvaluationDecile {
  @Field(() => Int, { simple: true })
  customers: number;

  @Field(() => Float, { simple: true, description: 'Of a customer.' })
  meanPredicted: number;

  @Field(() => Float, { simple: true, description: 'Net spend per customer in the horizon.' })
  meanActual: number;
}

@ObjectType('Evaluation', {
  description:
    'A model compared with the buy-till-you-die prior alone and the best plain ranking, on the same customers.',
})
export class EvaluationType {
  @Field(() => DateTimeScalar, { simple: true, description: 'The predictions were made as of this instant.' })
  asOf: string;

  @Field(() => Int, { simple: true })
  horizonDays: number;

  @Field(() => Int, { simple: true })
  customers: number;

  @Field(() => PredictionMetricsType, { simple: true })
  model: PredictionMetricsType;

  @Field(() => PredictionMetricsType, { simple: true })
  prior: PredictionMetricsType;

  @Field(() => NaiveRankMetricsType, { simple: true })
  naiveRank: NaiveRankMetricsType;

  @Field(() => GiniLiftType, {
    simple: true,
    nullable: true,
    description: 'What the grade goes by; null where nobody bought.',
  })
  lift: GiniLiftType | null;

  @Field(() => BiasIntervalType, {
    simple: true,
    nullable: true,
    description:
      "Of the model's `bias`: if this interval contains 0, the bias may be chance, and costs no grade. Null where the bias is.",
  })
  biasInterval: BiasIntervalType | null;

  @Field(() => [EvaluationDecileType], {
    simple: true,
    nullable: true,
    description: 'By the prediction of the model, the best tenth first. Null where an earlier version measured it.',
  })
  deciles?: EvaluationDecileType[];
}
