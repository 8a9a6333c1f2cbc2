import {
  type DirectiveNode,
  type DocumentNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionNode,
} from 'graphql';
import { isCondition } from './decided-conditions.js';

const message =
  'The field of a subscription must not have @skip or @include, be it by a fragment. Subscribe only where it is wanted.';

/**
 * Refuses `@skip` and `@include` on the root fields of subscriptions, as GraphQL's specification has done since 2025. The installed version
 * of GraphQL fails with a TypeError if the only field is left out, which would end a WebSocket with all its operations, and treats a
 * variable as if it were not given.
 */
export function conditionalSubscription({ definitions }: DocumentNode): GraphQLError | null {
  const spread = new Set<string>();
  const conditionIn = (selections: readonly SelectionNode[]): DirectiveNode | undefined => {
    for (const selection of selections) {
      const found = selection.directives?.find(isCondition) ?? conditionIn(within(selection));
      if (found) return found;
    }
    return undefined;
  };
  const within = (selection: SelectionNode): readonly SelectionNode[] => {
    if (selection.kind === Kind.FIELD) return [];
    if (selection.kind === Kind.INLINE_FRAGMENT) return selection.selectionSet.selections;
    const name = selection.name.value;
    if (spread.has(name)) return [];
    spread.add(name);
    return definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === name
        ? definition.selectionSet.selections
        : [],
    );
  };
  const subscriptions = definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION && definition.operation === OperationTypeNode.SUBSCRIPTION
      ? definition.selectionSet.selections
      : [],
  );
  const found = conditionIn(subscriptions);
  return found ? new GraphQLError(message, { nodes: found }) : null;
}
