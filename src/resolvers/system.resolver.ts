import { Ctx, Query, Resolver } from 'type-graphql';
import type { ApiKey } from '../entities/index.js';
import { ApiKeyType } from '../schema/access/api-key.type.js';
import { EngineType } from '../schema/models/engine.type.js';
import type { EngineInfo } from '../services/inference/inference.js';
import { ActorId } from './actor-id.js';
import { Allow } from './authorization.js';
import type { RequestContext } from './context.js';

@Resolver()
export class SystemResolver {
  @Allow('VIEWER')
  @Query(() => ApiKeyType, {
    nullable: true,
    description:
      'The API key of the caller: a way to check one. Null with the error UNAUTHENTICATED where it is missing, unknown or ' +
      'revoked.',
  })
  me(@ActorId() actorId: string, @Ctx() { loaders }: RequestContext): Promise<ApiKey | null> {
    return loaders.apiKeyById.load(actorId);
  }

  @Allow('VIEWER')
  @Query(() => EngineType, { description: 'What executes the model behind the process that answers.' })
  engine(@Ctx() { services }: RequestContext): Promise<EngineInfo> {
    return services.inference.engine();
  }
}
