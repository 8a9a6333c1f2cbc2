import { DateTimeScalar } from '../schema/scalars/date-time.scalar.js';
import { isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';
import { buildSchema as buildTypeGraphqlSchema } from 'type-graphql';
import { auditMutations } from '../resolvers/audit-mutations.js';
import { checkRole } from '../resolvers/authorization.js';
import { resolvers } from '../resolvers/index.js';
import { refreshLoaders } from '../resolvers/refresh-loaders.js';
import { resolveDirectly } from './execution/direct-fields.js';
import { globalId, isNodeTypeName } from '../schema/global-id.js';
import { nodeTypeOf } from '../schema/node.type.js';

/** The executable schema. Building it is pure: it touches no database. */
export async function buildSchema(): Promise<GraphQLSchema> {
  const schema = await buildTypeGraphqlSchema({
    resolvers,
    authChecker: checkRole,
    scalarsMap: [{ type: Date, scalar: DateTimeScalar }],
    validate: true,
    pubSub: noPubSub,
  });
  resolveNodes(schema);
  exposeGlobalIds(schema);
  resolveDirectly(schema);
  describeRoles(schema);
  auditMutations(schema);
  refreshLoaders(schema);
  return schema;
}

/** type-graphql requires a PubSub, although every subscription has a source of its own. */
const noPubSub = {
  publish(topic: string): never {
    throw new Error(`Nothing is published by topic, so not ${topic} either.`);
  },
  subscribe(topic: string): never {
    throw new Error(`Subscription to topic ${topic} has no "subscribe" of its own.`);
  },
};

/** Replaces type-graphql's own option, which returns a promise: compiled queries do not support one there. */
function resolveNodes(schema: GraphQLSchema): void {
  const node = schema.getType('Node');
  if (isInterfaceType(node)) node.resolveType = nodeTypeOf;
}

/** Resolvers return entities with their ids of the database; callers get the global ids. */
function exposeGlobalIds(schema: GraphQLSchema): void {
  for (const [name, type] of Object.entries(schema.getTypeMap())) {
    if (!isObjectType(type) || !isNodeTypeName(name)) continue;
    const field = type.getFields()['id'];
    if (field) field.resolve = (source: { id: string }) => globalId(name, source.id);
  }
}

function describeRoles(schema: GraphQLSchema): void {
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      const role = field.extensions['role'];
      if (typeof role === 'string') field.description = `${field.description ?? ''}\n\nRole: ${role}.`.trim();
    }
  }
}
