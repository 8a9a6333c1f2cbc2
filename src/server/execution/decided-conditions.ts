import {
  type DirectiveNode,
  type DocumentNode,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  type SelectionNode,
  visit,
} from 'graphql';

/**
 * The document without `@skip` and `@include`, and without what these values leave out. The compiler would put the conditions of
 * every place that a fragment is spread at upon the fragment's fields, wherever they are asked for.
 * @param values of the operation's Booleans; what other operations of the document ask for does not matter
 */
export function withConditionsDecided(document: DocumentNode, values: Readonly<Record<string, unknown>>): DocumentNode {
  const decided = <Node extends SelectionNode>(node: Node): Node | null | undefined => {
    const { directives = [] } = node;
    if (directives.length === 0) return undefined;
    if (directives.some((directive) => leavesOut(directive, values))) return null;
    return { ...node, directives: directives.filter((directive) => !isCondition(directive)) };
  };
  return visit(document, { Field: decided, InlineFragment: decided, FragmentSpread: decided });
}

/** Values of `if` at which the directive leaves out what it stands at. */
const leftOutAt: Readonly<Record<string, boolean>> = {
  [GraphQLSkipDirective.name]: true,
  [GraphQLIncludeDirective.name]: false,
};

/** Whether it says when what it stands at is asked for. */
export const isCondition = ({ name }: DirectiveNode): boolean => Object.hasOwn(leftOutAt, name.value);

function leavesOut(directive: DirectiveNode, values: Readonly<Record<string, unknown>>): boolean {
  const given = directive.arguments?.find(({ name }) => name.value === 'if')?.value;
  const value = given?.kind === Kind.VARIABLE ? values[given.name.value] : given?.kind === Kind.BOOLEAN && given.value;
  return isCondition(directive) && value === leftOutAt[directive.name.value];
}
