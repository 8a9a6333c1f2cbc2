import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { ModelComparison } from '../../entities/index.js';
import type { ComparedMetric, ComparisonVerdict, MetricDifference } from '../../ml/training/comparison.js';
import type { ComparisonReport, ComparisonWarning } from '../../services/models/model-comparison.service.js';
import {
  ComparedMetricEnum,
  ComparedModelEnum,
  ComparisonVerdictEnum,
  ComparisonWarningCodeEnum,
} from './comparison.enum.js';
import { DateTimeScalar } from '../scalars/date-time.scalar.js';
import { PredictionMetricsType } from './evaluation.type.js';
import { globalId } from '../global-id.js';
import { nullableFloat } from '../number-fields.js';

@ObjectType('MetricDifference', { description: 'One metric of both models. Null: the data do not define it.' })
class MetricDifferenceType implements MetricDifference {
  @Field(() => ComparedMetricEnum, { simple: true })
  metric: ComparedMetric;

  @nullableFloat()
  a: number | null;

  @nullableFloat()
  b: number | null;

  @nullableFloat('a - b.')
  difference: number | null;

  @nullableFloat('Lower end of its 95 % interval: paired bootstrap over customers, 1,000 draws.')
  lower: number | null;

  @nullableFloat()
  upper: number | null;

  @Field(() => ComparedModelEnum, {
    simple: true,
    nullable: true,
    description: 'Which model is better beyond chance; null where that cannot be told.',
  })
  better: 'A' | 'B' | null;
}

@ObjectType('ComparisonWarning', { description: 'Why a comparison may flatter one of its models.' })
class ComparisonWarningType implements ComparisonWarning {
  @Field(() => ComparisonWarningCodeEnum, { simple: true })
  code: ComparisonWarning['code'];

  @Field(() => ID, { simple: true })
  modelId: string;

  @Field({ simple: true })
  message: string;
}

@ObjectType('ModelComparison', { description: 'Two models on the same customers.' })
export class ModelComparisonType {
  @Field(() => DateTimeScalar, { simple: true, description: 'Both predicted as of this instant.' })
  asOf: string;

  @Field(() => Int, { simple: true })
  horizonDays: number;

  @Field(() => Int, { simple: true })
  customers: number;

  @Field({ simple: true, description: 'Whether they are only those that are held out from every training.' })
  heldOutOnly: boolean;

  @Field(() => PredictionMetricsType, { simple: true })
  metricsOfA: PredictionMetricsType;

  @Field(() => PredictionMetricsType, { simple: true })
  metricsOfB: PredictionMetricsType;

  @Field(() => [MetricDifferenceType], { simple: true })
  differences: readonly MetricDifferenceType[];

  @Field(() => ComparisonVerdictEnum, { simple: true })
  verdict: ComparisonVerdict;

  @Field({ simple: true, description: 'The verdict and its figures in words.' })
  sentence: string;

  @Field(() => [ComparisonWarningType], { simple: true })
  warnings: readonly ComparisonWarningType[];

  @Field({ simple: true })
  createdAt: Date;

  modelId: string;
  againstId: string;
}

/** A row of the database as the API shows it: what it stores as JSON becomes fields. */
export function toComparisonType({ modelId, againstId, createdAt, report }: ModelComparison): ModelComparisonType {
  const { a, b, warnings, ...shown } = report as ComparisonReport;
  return {
    ...shown,
    metricsOfA: a,
    metricsOfB: b,
    warnings: warnings.map((warning) => ({ ...warning, modelId: globalId('ModelVersion', warning.modelId) })),
    modelId,
    againstId,
    createdAt,
  };
}
