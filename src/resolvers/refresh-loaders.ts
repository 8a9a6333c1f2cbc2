import { defaultFieldResolver, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import type { RequestContext } from './context.js';
import { createLoaders } from './loaders/index.js';

/**
 * Gives the context new loaders after each mutation, and for each event of a subscription, since what the old ones have loaded may be out
 * of date. GraphQL runs a document's mutations one after another, each with its selected fields.
 */
export function refreshLoaders(schema: GraphQLSchema): void {
  const fieldsOf = (type: GraphQLObjectType | null | undefined) => Object.values(type?.getFields() ?? {});
  for (const field of [...fieldsOf(schema.getMutationType()), ...fieldsOf(schema.getSubscriptionType())]) {
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = async (root, args, context: RequestContext, info): Promise<unknown> => {
      const result: unknown = await resolve(root, args, context, info);
      context.loaders = createLoaders(context.services, context.budget);
      return result;
    };
  }
}
