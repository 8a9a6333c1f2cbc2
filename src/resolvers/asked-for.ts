import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

const known = new WeakMap<readonly object[], Map<string, ReadonlySet<string>>>();

/**
 * Names of the fields that a query asks for below the present one, in fragments, too.
 * @param path fields that lead further down, e.g. `edges`, `node`
 */
export function askedFor({ fieldNodes, fragments }: GraphQLResolveInfo, ...path: string[]): ReadonlySet<string> {
  const answers = known.get(fieldNodes) ?? new Map<string, ReadonlySet<string>>();
  known.set(fieldNodes, answers);
  const key = path.join('/');
  const answer = answers.get(key) ?? new Set(fieldsAt(fieldNodes, path, fragments).map(({ name }) => name.value));
  answers.set(key, answer);
  return answer;
}

type Fragments = GraphQLResolveInfo['fragments'];

function fieldsAt(parents: readonly FieldNode[], path: readonly string[], fragments: Fragments): FieldNode[] {
  const fields = fieldsOf(parents, fragments);
  const [next, ...rest] = path;
  if (next === undefined) return fields;
  return fieldsAt(
    fields.filter(({ name }) => name.value === next),
    rest,
    fragments,
  );
}

/** Each fragment is looked into once: fragments of fragments may name each other exponentially often. */
function fieldsOf(parents: readonly FieldNode[], fragments: Fragments): FieldNode[] {
  const fields: FieldNode[] = [];
  const seen = new Set<string>();
  const visit = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) fields.push(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) visit(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = fragments[selection.name.value];
        if (fragment) visit(fragment.selectionSet);
      }
    }
  };
  for (const { selectionSet } of parents) if (selectionSet) visit(selectionSet);
  return fields;
}
