import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { resultOf } from '../../schema/error-result.type.js';
import { optionalLocalId } from '../../schema/global-id.js';
import {
  StartEvaluationInput,
  StartFineTuneInput,
  StartPreprocessingInput,
  StartScoringInput,
} from '../../schema/runs/run-start.input.js';
import { startRunErrors, StartRunResultUnion } from '../../schema/runs/run.union.js';
import { Allow } from '../authorization.js';
import { ActorId } from '../actor-id.js';
import type { RequestContext } from '../context.js';

@Resolver()
export class RunStartsResolver {
  @Allow('ADMIN')
  @Mutation(() => StartRunResultUnion, { description: 'Cleans the history and cuts it into a snapshot.' })
  startPreprocessing(
    @Arg('input', () => StartPreprocessingInput, { defaultValue: {} }) input: StartPreprocessingInput,
    @ActorId() actorId: string,
    @Ctx() { services }: RequestContext,
  ) {
    return resultOf(startRunErrors, services.runStarts.preprocessing(input, actorId));
  }

  @Allow('ADMIN')
  @Mutation(() => StartRunResultUnion, { description: 'Trains a CANDIDATE model on a snapshot.' })
  startFineTune(
    @Arg('input', () => StartFineTuneInput, { defaultValue: {} }) input: StartFineTuneInput,
    @ActorId() actorId: string,
    @Ctx() { services }: RequestContext,
  ) {
    const snapshotId = optionalLocalId('Snapshot', input.snapshotId);
    return resultOf(startRunErrors, services.runStarts.fineTune({ ...input, snapshotId }, actorId));
  }

  @Allow('ADMIN')
  @Mutation(() => StartRunResultUnion, { description: 'Predicts for every customer: what lists and segments read.' })
  startScoring(
    @Arg('input', () => StartScoringInput, { defaultValue: {} }) input: StartScoringInput,
    @ActorId() actorId: string,
    @Ctx() { services }: RequestContext,
  ) {
    const modelId = optionalLocalId('ModelVersion', input.modelId);
    return resultOf(startRunErrors, services.runStarts.scoring({ ...input, modelId }, actorId));
  }

  @Allow('ADMIN')
  @Mutation(() => StartRunResultUnion, {
    description:
      "Compares a model's predictions as of a past date with what happened. If its snapshot ends later, training knew " +
      'that, and the figures flatter it: `isHoldout` of the result is false.',
  })
  startEvaluation(
    @Arg('input', () => StartEvaluationInput, { defaultValue: {} }) input: StartEvaluationInput,
    @ActorId() actorId: string,
    @Ctx() { services }: RequestContext,
  ) {
    const modelId = optionalLocalId('ModelVersion', input.modelId);
    return resultOf(startRunErrors, services.runStarts.evaluation({ ...input, modelId }, actorId));
  }

  @Allow('ADMIN')
  @Mutation(() => StartRunResultUnion, {
    description:
      'Preprocesses, fine-tunes, compares and promotes the new model, unless it is worse than the active one, there are too ' +
      'few customers to tell, or its grade is E. It always scores all customers, with the model that is then active, if any.',
  })
  startRetrain(@ActorId() actorId: string, @Ctx() { services }: RequestContext) {
    return resultOf(startRunErrors, services.runStarts.retrain(actorId));
  }
}
