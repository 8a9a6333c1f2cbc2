import type { DataSource } from 'typeorm';
import type { Services } from '../resolvers/context.js';
import { ApiKeysService } from '../services/api-keys.service.js';
import { AuditService } from '../services/audit.service.js';

export interface ServiceDependencies {
  readonly dataSource: DataSource;
}

/** The services behind the API, put together once per process. */
export function createServices({ dataSource }: ServiceDependencies): Services {
  return {
    apiKeys: new ApiKeysService(dataSource),
    audit: new AuditService(dataSource),
  };
}
