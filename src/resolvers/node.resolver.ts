import { Arg, Ctx, ID, Query, Resolver } from 'type-graphql';
import type { ApiRole } from '../entities/index.js';
import { parseGlobalId, type NodeTypeName } from '../schema/global-id.js';
import { NodeType } from '../schema/node.type.js';
import { Allow, requireRole } from './authorization.js';
import type { RequestContext } from './context.js';

interface NodeFinder {
  /** The least role that may see the type, as for its own query. */
  readonly role: ApiRole;
  find(id: string, context: RequestContext): Promise<object | null>;
}

const finders: Readonly<Record<NodeTypeName, NodeFinder>> = {
  ApiKey: { role: 'ADMIN', find: (id, { loaders }) => loaders.apiKeyById.load(id) },
  AuditEntry: { role: 'ADMIN', find: (id, { services }) => services.audit.find(id) },
  Campaign: { role: 'VIEWER', find: (id, { services }) => services.campaignRecords.find(id) },
  Customer: { role: 'VIEWER', find: (id, { loaders }) => loaders.customerById.load(id) },
  ModelVersion: { role: 'VIEWER', find: (id, { loaders }) => loaders.modelById.load(id) },
  Run: { role: 'ADMIN', find: (id, { services }) => services.runs.find(id) },
  Segment: { role: 'VIEWER', find: (id, { loaders }) => loaders.segmentById.load(id) },
  Snapshot: { role: 'ADMIN', find: (id, { loaders }) => loaders.snapshotById.load(id) },
};

@Resolver()
export class NodeResolver {
  @Allow('VIEWER')
  @Query(() => NodeType, {
    nullable: true,
    description:
      'Anything by its id; null where it is gone. An ApiKey, AuditEntry, Run or Snapshot needs the role ADMIN: null with FORBIDDEN.',
  })
  node(@Arg('id', () => ID) globalId: string, @Ctx() context: RequestContext): Promise<object | null> {
    const { type, id } = parseGlobalId(globalId);
    requireRole(context.actor, finders[type].role);
    return finders[type].find(id, context);
  }
}
