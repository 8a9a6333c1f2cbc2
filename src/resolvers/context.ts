import type { Actor, ApiKeysService } from '../services/api-keys.service.js';
import type { AuditService } from '../services/audit.service.js';
import type { Loaders } from './loaders/index.js';

/** What resolvers delegate to. One instance each per process. */
export interface Services {
  readonly apiKeys: ApiKeysService;
  readonly audit: AuditService;
}

/** What every resolver gets. One per request; for a subscription one per operation. */
export interface RequestContext {
  /** Null for a caller without an API key. */
  readonly actor: Actor | null;
  readonly services: Services;
  readonly loaders: Loaders;
}
