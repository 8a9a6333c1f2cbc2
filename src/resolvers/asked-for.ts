import {
  type FieldNode,
  getDirectiveValues,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

const known = new WeakMap<readonly object[], Map<string, ReadonlySet<string>>>();

type Query = Pick<GraphQLResolveInfo, 'fragments' | 'variableValues'>;

/**
 * Names of the fields that a query selects below the current one, also in fragments, without those that `@skip` and `@include` leave out,
 * which would be read for nothing and count towards the budget.
 * @param path fields that lead further down, e.g. `edges`, `node`
 */
export function askedFor({ fieldNodes, ...query }: GraphQLResolveInfo, ...path: string[]): ReadonlySet<string> {
  const answers = known.get(fieldNodes) ?? new Map<string, ReadonlySet<string>>();
  known.set(fieldNodes, answers);
  const key = path.join('/');
  const answer = answers.get(key) ?? new Set(fieldsAt(fieldNodes, path, query).map(({ name }) => name.value));
  answers.set(key, answer);
  return answer;
}

function fieldsAt(parents: readonly FieldNode[], path: readonly string[], query: Query): FieldNode[] {
  const fields = fieldsOf(parents, query);
  const [next, ...rest] = path;
  if (next === undefined) return fields;
  return fieldsAt(
    fields.filter(({ name }) => name.value === next),
    rest,
    query,
  );
}

/** Each fragment is looked into once, since fragments may spread each other exponentially often. */
function fieldsOf(parents: readonly FieldNode[], query: Query): FieldNode[] {
  const fields: FieldNode[] = [];
  const seen = new Set<string>();
  const visit = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (isLeftOut(selection, query)) continue;
      if (selection.kind === Kind.FIELD) fields.push(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) visit(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        const fragment = query.fragments[selection.name.value];
        if (fragment) visit(fragment.selectionSet);
      }
    }
  };
  for (const { selectionSet } of parents) if (selectionSet) visit(selectionSet);
  return fields;
}

function isLeftOut(selection: SelectionNode, { variableValues }: Query): boolean {
  const given = (directive: typeof GraphQLSkipDirective) =>
    getDirectiveValues(directive, selection, variableValues)?.['if'];
  return given(GraphQLSkipDirective) === true || given(GraphQLIncludeDirective) === false;
}
