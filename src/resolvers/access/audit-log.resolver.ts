import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { ApiKey, AuditEntry } from '../../entities/index.js';
import { ApiKeyType } from '../../schema/access/api-key.type.js';
import { AuditEntryConnection, AuditEntryType } from '../../schema/access/audit-entry.type.js';
import { AuditLogArgs } from '../../schema/access/audit-log.input.js';
import { optionalLocalId } from '../../schema/global-id.js';
import type { Page } from '../../services/paging.js';
import { Allow } from '../authorization.js';
import type { RequestContext } from '../context.js';

@Resolver(() => AuditEntryType)
export class AuditLogResolver {
  @Allow('ADMIN')
  @Query(() => AuditEntryConnection, {
    description: 'Every change that was asked for through the API, and every promotion of a model, newest first.',
  })
  auditLog(
    @Args(() => AuditLogArgs) args: AuditLogArgs,
    @Ctx() { services }: RequestContext,
  ): Promise<Page<AuditEntry>> {
    const filter = { ...args.filter, apiKeyId: optionalLocalId('ApiKey', args.filter?.apiKeyId) };
    return services.audit.page(args, filter);
  }

  @FieldResolver(() => ApiKeyType, {
    nullable: true,
    description: 'Who asked; null for the command line and for schedules.',
  })
  apiKey(@Root() entry: AuditEntry, @Ctx() { loaders }: RequestContext): Promise<ApiKey | null> | null {
    return entry.apiKeyId === null ? null : loaders.apiKeyById.load(entry.apiKeyId);
  }
}
