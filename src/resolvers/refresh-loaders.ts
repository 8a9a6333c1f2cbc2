import { defaultFieldResolver, type GraphQLObjectType, type GraphQLSchema } from 'graphql';
import type { RequestContext } from './context.js';
import { createLoaders } from './loaders/index.js';

/**
 * Gives the context fresh loaders after each mutation, and for each event of a subscription: of what those of before have
 * loaded, nothing need be true any more. GraphQL runs a document's mutations one after another, each with the fields
 * selected under it.
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
