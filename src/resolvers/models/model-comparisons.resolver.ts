import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { ModelVersion } from '../../entities/index.js';
import { StartComparisonInput } from '../../schema/models/comparison.input.js';
import { ModelComparisonType, toComparisonType } from '../../schema/models/comparison.type.js';
import { resultOf } from '../../schema/error-result.type.js';
import { localId, optionalLocalId } from '../../schema/global-id.js';
import { ModelVersionType } from '../../schema/models/model.type.js';
import { startRunErrors, StartRunResultUnion } from '../../schema/runs/run.union.js';
import { ActorId } from '../actor-id.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';
import { IdArg } from '../id-arg.js';

@Resolver()
export class ModelComparisonsResolver {
  @Allow('VIEWER')
  @Query(() => ModelComparisonType, {
    nullable: true,
    description:
      'The newest comparison of model a with model b, to decide on a promotion; null before there was one. A fine-tune and a retrain compare their candidate with the active model; startComparison compares any two.',
  })
  async modelComparison(
    @IdArg('ModelVersion', 'a') a: string,
    @IdArg('ModelVersion', 'b') b: string,
    @Ctx() { services }: RequestContext,
  ): Promise<ModelComparisonType | null> {
    const comparison = await services.models.comparison(a, b);
    return comparison && toComparisonType(comparison);
  }

  @Allow('ADMIN')
  @Mutation(() => StartRunResultUnion, { description: 'Compares two models on the same customers.' })
  startComparison(
    @Arg('input', () => StartComparisonInput) { modelId, againstId, ...period }: StartComparisonInput,
    @ActorId() actorId: string,
    @Ctx() { services }: RequestContext,
  ) {
    const pair = { modelId: localId('ModelVersion', modelId), againstId: optionalLocalId('ModelVersion', againstId) };
    return resultOf(startRunErrors, services.runStarts.comparison({ ...pair, ...period }, actorId));
  }
}

@Resolver(() => ModelComparisonType)
export class ModelComparisonFieldsResolver {
  @FieldResolver(() => ModelVersionType, { nullable: true })
  a(@Root() { modelId }: ModelComparisonType, @Ctx() { loaders }: RequestContext): Promise<ModelVersion | null> {
    return loaders.modelById.load(modelId);
  }

  @FieldResolver(() => ModelVersionType, { nullable: true })
  b(@Root() { againstId }: ModelComparisonType, @Ctx() { loaders }: RequestContext): Promise<ModelVersion | null> {
    return loaders.modelById.load(againstId);
  }
}
