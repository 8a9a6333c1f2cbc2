import { ApiKeysResolver } from './api-keys.resolver.js';
import { AuditLogResolver } from './audit-log.resolver.js';
import { IngestionResolver } from './ingestion.resolver.js';
import { ModelFieldsResolver } from './model-fields.resolver.js';
import { ModelsResolver } from './models.resolver.js';
import { NodeResolver } from './node.resolver.js';
import { RunFieldsResolver } from './run-fields.resolver.js';
import { RunStartsResolver } from './run-starts.resolver.js';
import { RunsResolver } from './runs.resolver.js';
import { SchedulesResolver } from './schedules.resolver.js';
import { SnapshotFieldsResolver } from './snapshot-fields.resolver.js';
import { SnapshotsResolver } from './snapshots.resolver.js';
import { SystemResolver } from './system.resolver.js';

/** Every resolver class of the schema. */
export const resolvers = [
  ApiKeysResolver,
  AuditLogResolver,
  IngestionResolver,
  ModelFieldsResolver,
  ModelsResolver,
  NodeResolver,
  RunFieldsResolver,
  RunStartsResolver,
  RunsResolver,
  SchedulesResolver,
  SnapshotFieldsResolver,
  SnapshotsResolver,
  SystemResolver,
] as const;
