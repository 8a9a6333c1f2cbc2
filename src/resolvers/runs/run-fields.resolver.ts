import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { ApiKey, ModelVersion, Run, Snapshot } from '../../entities/index.js';
import { isJsonObject } from '../../json-object.js';
import { ApiKeyType } from '../../schema/access/api-key.type.js';
import { withGlobalIds } from '../../schema/global-id.js';
import { JsonObjectScalar } from '../../schema/scalars/json-object.scalar.js';
import { ModelVersionType } from '../../schema/models/model.type.js';
import { RunType } from '../../schema/runs/run.type.js';
import { SnapshotType } from '../../schema/runs/snapshot.type.js';
import type { RequestContext } from '../context.js';

@Resolver(() => RunType)
export class RunFieldsResolver {
  @FieldResolver(() => JsonObjectScalar, { description: 'What was asked. Ids are global ids.' })
  input(@Root() run: Run): Record<string, unknown> {
    return withGlobalIds(run.input);
  }

  @FieldResolver(() => JsonObjectScalar, { nullable: true, description: 'What came of it. Ids are global ids.' })
  result(@Root() run: Run): Record<string, unknown> | null {
    return run.result && withGlobalIds(run.result);
  }

  @FieldResolver(() => ApiKeyType, {
    nullable: true,
    description: 'Who asked; null for the schedule and the command line.',
  })
  requestedBy(@Root() run: Run, @Ctx() { loaders }: RequestContext): Promise<ApiKey | null> | null {
    return run.requestedById === null ? null : loaders.apiKeyById.load(run.requestedById);
  }

  @FieldResolver(() => ModelVersionType, {
    nullable: true,
    description: 'The model that it made or used; null once that is deleted.',
  })
  model(@Root() run: Run, @Ctx() { loaders }: RequestContext): Promise<ModelVersion | null> {
    const scored = run.result?.['scored'];
    // A retrain that made no model has scored the base with the one that goes on serving.
    const id =
      run.result?.['modelId'] ?? (isJsonObject(scored) ? scored['modelId'] : undefined) ?? run.input['modelId'];
    // A run that did not complete has no result, but may have made a model.
    return typeof id === 'string' ? loaders.modelById.load(id) : loaders.modelByRun.load(run.id);
  }

  @FieldResolver(() => SnapshotType, {
    nullable: true,
    description: 'The snapshot that it made or used; null once that is deleted.',
  })
  snapshot(@Root() run: Run, @Ctx() { loaders }: RequestContext): Promise<Snapshot | null> {
    const id = run.result?.['snapshotId'] ?? run.input['snapshotId'];
    return typeof id === 'string' ? loaders.snapshotById.load(id) : loaders.snapshotByRun.load(run.id);
  }
}
