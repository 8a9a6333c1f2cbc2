import { Ctx, Query, Resolver } from 'type-graphql';
import type { ApiKey } from '../entities/index.js';
import { ApiKeyType } from '../schema/api-key.type.js';
import { Allow, requireRole } from './authorization.js';
import type { RequestContext } from './context.js';

@Resolver()
export class SystemResolver {
  @Allow('VIEWER')
  @Query(() => ApiKeyType, { nullable: true, description: 'Who is calling: a way to check an API key.' })
  me(@Ctx() { actor, loaders }: RequestContext): Promise<ApiKey | null> {
    requireRole(actor, 'VIEWER');
    return loaders.apiKeyById.load(actor.id);
  }
}
