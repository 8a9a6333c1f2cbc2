import { Args, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { ModelVersion, Snapshot } from '../../entities/index.js';
import type { Advice } from '../../ml/training/advice.js';
import type { WordReading } from '../../ml/model/served-model.js';
import type { EpochRecord } from '../../ml/training/fine-tune.js';
import { DriftReportType, toDriftReportType } from '../../schema/models/drift.type.js';
import { WordReadingEnum } from '../../schema/models/model.enum.js';
import { DriftReportsArgs } from '../../schema/models/model.input.js';
import { ModelAdviceType, ModelScoringType, ModelVersionType, TrainingEpochType } from '../../schema/models/model.type.js';
import { SnapshotType } from '../../schema/runs/snapshot.type.js';
import { metricsOf } from '../../services/models/model-metrics.js';
import type { ScoringPrecision } from '../../services/fine-tuning/scoring-precision.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';

@Resolver(() => ModelVersionType)
export class ModelFieldsResolver {
  @FieldResolver(() => Int, { description: 'Counts up; messages and commands call the model by it.' })
  number(@Root() { id }: ModelVersion): number {
    return Number(id);
  }

  @FieldResolver(() => [TrainingEpochType], { description: 'The learning curve.' })
  history(@Root() model: ModelVersion): readonly EpochRecord[] {
    return metricsOf(model).history ?? [];
  }

  @FieldResolver(() => ModelScoringType, { nullable: true, description: 'Null while it is trained.' })
  scoring(@Root() model: ModelVersion): ScoringPrecision | null {
    return metricsOf(model).precision ?? null;
  }

  @FieldResolver(() => WordReadingEnum, {
    nullable: true,
    description:
      "How the words of customers' narratives affect its predictions, as decided on held-out customers; null while it is trained.",
  })
  words(@Root() model: ModelVersion): WordReading | null {
    return metricsOf(model).words ?? null;
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description:
      'The longest horizon of its training windows: over longer ones predictions are extrapolated, not learnt. Null while it ' +
      'is trained, and where the prior answers alone.',
  })
  learntHorizonDays(@Root() model: ModelVersion): number | null {
    return metricsOf(model).horizons?.learnt ?? null;
  }

  @FieldResolver(() => [ModelAdviceType], {
    description: 'What to do about it, the most serious first; empty for a good one.',
  })
  advice(@Root() model: ModelVersion, @Ctx() { loaders }: RequestContext): Promise<Advice[]> {
    return loaders.adviceByModel.load(model);
  }

  @FieldResolver(() => DriftReportType, {
    nullable: true,
    description: 'Of its last scoring of all customers, or of the last check by the retrain schedule.',
  })
  async drift(@Root() { id }: ModelVersion, @Ctx() { loaders }: RequestContext): Promise<DriftReportType | null> {
    const [newest] = await loaders.driftReportsByModel.load({ modelId: id, first: 1 });
    return newest ? toDriftReportType(newest) : null;
  }

  @FieldResolver(() => [DriftReportType], { description: 'Newest first.' })
  async driftReports(
    @Root() { id }: ModelVersion,
    @Args(() => DriftReportsArgs) { first }: DriftReportsArgs,
    @Ctx() { loaders }: RequestContext,
  ): Promise<DriftReportType[]> {
    const reports = await loaders.driftReportsByModel.load({ modelId: id, first });
    return reports.map(toDriftReportType);
  }

  @Allow('ADMIN')
  @FieldResolver(() => SnapshotType, {
    nullable: true,
    description: 'What it learned from; null once that is deleted. Role: ADMIN.',
  })
  snapshot(@Root() model: ModelVersion, @Ctx() { loaders }: RequestContext): Promise<Snapshot | null> | null {
    return model.snapshotId === null ? null : loaders.snapshotById.load(model.snapshotId);
  }
}
