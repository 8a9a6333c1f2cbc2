import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

const known = new WeakMap<readonly object[], Map<string, boolean>>();

/** Whether a query asks for one of the fields below the present one; in fragments, too. */
export function asksFor({ fieldNodes, fragments }: GraphQLResolveInfo, names: readonly string[]): boolean {
  const answers = known.get(fieldNodes) ?? new Map<string, boolean>();
  known.set(fieldNodes, answers);
  const key = names.join();
  const answer = answers.get(key) ?? fieldNodes.some(({ selectionSet }) => has(selectionSet, names, fragments));
  answers.set(key, answer);
  return answer;
}

function has(
  selectionSet: SelectionSetNode | undefined,
  names: readonly string[],
  fragments: GraphQLResolveInfo['fragments'],
): boolean {
  return (selectionSet?.selections ?? []).some((selection) => {
    switch (selection.kind) {
      case Kind.FIELD:
        return names.includes(selection.name.value);
      case Kind.INLINE_FRAGMENT:
        return has(selection.selectionSet, names, fragments);
      case Kind.FRAGMENT_SPREAD:
        return has(fragments[selection.name.value]?.selectionSet, names, fragments);
    }
  });
}
