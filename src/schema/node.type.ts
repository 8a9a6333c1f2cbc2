import { Field, ID, InterfaceType } from 'type-graphql';
import { AuditEntry, ApiKey, Campaign, Customer, ModelVersion, Run, Segment, Snapshot } from '../entities/index.js';
import type { NodeTypeName } from './global-id.js';

/** The entity behind each type of the API that `node(id)` can answer. */
const nodeEntities: Readonly<Record<NodeTypeName, new () => object>> = {
  ApiKey,
  AuditEntry,
  Campaign,
  Customer,
  ModelVersion,
  Run,
  Segment,
  Snapshot,
};

export function nodeTypeOf(value: unknown): NodeTypeName | undefined {
  return (Object.keys(nodeEntities) as NodeTypeName[]).find((type) => value instanceof nodeEntities[type]);
}

// For `resolveType` see server/build-schema.ts.
@InterfaceType('Node', { description: 'Anything with an id that is unique over all types.' })
export abstract class NodeType {
  // Resolvers return entities; server/build-schema.ts makes the entity's own id a global one.
  @Field(() => ID, { simple: true })
  id: string;
}
