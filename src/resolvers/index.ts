import { ApiKeysResolver } from './api-keys.resolver.js';
import { AuditLogResolver } from './audit-log.resolver.js';
import { SystemResolver } from './system.resolver.js';

/** Every resolver class of the schema. */
export const resolvers = [ApiKeysResolver, AuditLogResolver, SystemResolver] as const;
