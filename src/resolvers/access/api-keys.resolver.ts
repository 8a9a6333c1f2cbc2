import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { ApiKeyType, CreatedApiKeyType } from '../../schema/access/api-key.type.js';
import { CreateApiKeyInput } from '../../schema/access/api-key.input.js';
import type { ApiKey } from '../../entities/index.js';
import type { CreatedApiKey } from '../../services/api-keys.service.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';
import { IdArg } from '../id-arg.js';

@Resolver()
export class ApiKeysResolver {
  @Allow('ADMIN')
  @Query(() => [ApiKeyType], { description: 'All API keys, including revoked ones, newest first.' })
  apiKeys(@Ctx() { services }: RequestContext): Promise<ApiKey[]> {
    return services.apiKeys.list();
  }

  @Allow('ADMIN')
  @Mutation(() => CreatedApiKeyType, { description: 'Creates an API key. The key is shown only this once.' })
  createApiKey(
    @Arg('input', () => CreateApiKeyInput) input: CreateApiKeyInput,
    @Ctx() { services }: RequestContext,
  ): Promise<CreatedApiKey> {
    return services.apiKeys.create(input.name, input.role);
  }

  @Allow('ADMIN')
  @Mutation(() => ApiKeyType, {
    description: 'Ends the validity of an API key, within five seconds everywhere. CONFLICT for the last ADMIN key.',
  })
  revokeApiKey(@IdArg('ApiKey') id: string, @Ctx() { services }: RequestContext): Promise<ApiKey> {
    return services.apiKeys.revoke(id);
  }
}
