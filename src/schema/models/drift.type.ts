import { Field, Float, Int, ObjectType } from 'type-graphql';
import type { DriftReport } from '../../entities/index.js';
import type { DriftState } from '../../ml/training/population-stability.js';
import type { DriftMeasure } from '../../services/retraining/drift-measure.js';
import type { RealisedMetrics } from '../../services/retraining/realised-metrics.js';
import { DateTimeScalar } from '../scalars/date-time.scalar.js';
import { DriftStateEnum } from './drift.enum.js';
import { BiasIntervalType, PredictionMetricsType } from './evaluation.type.js';

@ObjectType('Stability', { description: 'Population stability index over the deciles of the training rows.' })
class StabilityType {
  @Field(() => Float, {
    simple: true,
    description:
      'The index: sum over the bins of (p - q) ln(p / q), p being the share of customers now and q that of training rows; ' +
      '0 where nothing has changed.',
  })
  psi: number;

  @Field(() => Float, {
    simple: true,
    description: 'What the index stays below in 999 of 1,000 cases where nothing has changed.',
  })
  noise: number;

  @Field(() => DriftStateEnum, { simple: true })
  state: DriftState;
}

@ObjectType('FeatureDrift')
class FeatureDriftType extends StabilityType {
  @Field({ simple: true })
  name: string;

  @Field({ simple: true, description: 'For people.' })
  label: string;
}

@ObjectType('RealisedMetrics', {
  description: 'How the predictions of a scoring turned out, on the sample of that time.',
})
class RealisedMetricsType {
  @Field(() => Int, {
    simple: true,
    description: 'The horizon of the scoring, or 30 or 90 days, which were predicted along with it.',
  })
  horizonDays: number;

  @Field(() => DateTimeScalar, { simple: true })
  measuredAt: string;

  @Field(() => Int, { simple: true })
  customers: number;

  @Field({
    simple: true,
    description: 'Whether the model was trained on labels from after the predictions: a look back, not a forecast.',
  })
  sawLabels: boolean;

  @Field(() => PredictionMetricsType, { simple: true })
  metrics: PredictionMetricsType;

  @Field(() => BiasIntervalType, {
    simple: true,
    nullable: true,
    description: 'Of their `bias`: if this interval contains 0, the bias may be chance. Null where the bias is.',
  })
  biasInterval: BiasIntervalType | null;
}

@ObjectType('DriftReport', {
  description: 'How far the customers of a scoring are from those that the model learnt from, on samples of both.',
})
export class DriftReportType {
  @Field(() => Date, { simple: true, description: 'As-of date of the scoring.' })
  asOf: Date;

  @Field(() => Int, { simple: true })
  horizonDays: number;

  @Field(() => Date, { simple: true })
  measuredAt: Date;

  @Field(() => Int, { simple: true, description: 'Customers in the sample, at most 2,000.' })
  customers: number;

  @Field(() => Int, { simple: true, description: 'Training rows sampled, of the newest training date.' })
  referenceCustomers: number;

  @Field(() => Float, {
    simple: true,
    description:
      "The larger of the prediction's index and the mean over the features, without what chance explains: what `driftAbove` of a retrain schedule is compared with.",
  })
  score: number;

  @Field(() => DriftStateEnum, { simple: true, description: 'Of the score.' })
  state: DriftState;

  @Field(() => StabilityType, { simple: true, nullable: true, description: 'Of the expected value.' })
  prediction: StabilityType | null;

  @Field(() => [FeatureDriftType], {
    simple: true,
    description: 'Features that the model reads and that vary in training, the largest index first.',
  })
  features: FeatureDriftType[];

  @Field(() => [RealisedMetricsType], {
    simple: true,
    description:
      'One entry per horizon that is over in the data. They are computed after each scoring, until the data reach a month beyond the horizon, so that late orders count.',
  })
  realised: RealisedMetricsType[];
}

/** A row of the database as the API shows it: what it stores as JSON becomes fields. */
export function toDriftReportType({ asOf, horizonDays, measuredAt, drift, realised }: DriftReport): DriftReportType {
  const { features, ...measure } = drift as DriftMeasure;
  const metrics = realised as readonly RealisedMetrics[];
  return { asOf, horizonDays, measuredAt, ...measure, features: [...features], realised: [...metrics] };
}
