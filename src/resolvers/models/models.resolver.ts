import { Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import type { ModelVersion } from '../../entities/index.js';
import { resultOf } from '../../schema/error-result.type.js';
import { ModelsArgs } from '../../schema/models/model.input.js';
import { ModelVersionConnection, ModelVersionType } from '../../schema/models/model.type.js';
import {
  activateModelErrors,
  ActivateModelResultUnion,
  DeleteModelResultUnion,
  deletionErrors,
} from '../../schema/models/model.union.js';
import type { Page } from '../../services/paging.js';
import { ActorId } from '../actor-id.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';
import { IdArg } from '../id-arg.js';

@Resolver()
export class ModelsResolver {
  @Allow('VIEWER')
  @Query(() => ModelVersionConnection, { description: 'Newest first.' })
  models(@Args(() => ModelsArgs) args: ModelsArgs, @Ctx() { services }: RequestContext): Promise<Page<ModelVersion>> {
    return services.models.page(args, args.state);
  }

  @Allow('VIEWER')
  @Query(() => ModelVersionType, { nullable: true })
  model(@IdArg('ModelVersion') id: string, @Ctx() { loaders }: RequestContext): Promise<ModelVersion | null> {
    return loaders.modelById.load(id);
  }

  @Allow('VIEWER')
  @Query(() => ModelVersionType, {
    nullable: true,
    description: 'The model that serves; null before the first promotion.',
  })
  activeModel(@Ctx() { services }: RequestContext): Promise<ModelVersion | null> {
    return services.models.active();
  }

  @Allow('ADMIN')
  @Mutation(() => ActivateModelResultUnion, {
    description:
      'Makes a CANDIDATE or RETIRED model the active one, and retires the one before. Starts a run that scores all ' +
      'customers with it, unless that has been done for the present, and, if lists can read a scoring of it already, one ' +
      'that notes whose value or tier in lists has changed (NOTE_CHANGES).',
  })
  promoteModel(@IdArg('ModelVersion') id: string, @ActorId() actorId: string, @Ctx() { services }: RequestContext) {
    return resultOf(activateModelErrors, services.modelPromotion.promote(id, actorId));
  }

  @Allow('ADMIN')
  @Mutation(() => DeleteModelResultUnion, {
    description:
      'Removes a model that does not serve, with its weights, predictions, explanations, comparisons and drift.',
  })
  deleteModel(@IdArg('ModelVersion') id: string, @Ctx() { services }: RequestContext) {
    return resultOf(deletionErrors, services.models.delete(id));
  }

  @Allow('ADMIN')
  @Mutation(() => ActivateModelResultUnion, {
    description:
      'Makes the model active again that was so before the present one, which becomes a CANDIDATE. Starts the runs that ' +
      '`promoteModel` does.',
  })
  rollbackModel(@ActorId() actorId: string, @Ctx() { services }: RequestContext) {
    return resultOf(activateModelErrors, services.modelPromotion.rollback(actorId));
  }
}
