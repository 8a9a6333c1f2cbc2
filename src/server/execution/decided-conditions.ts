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
 * The document without `@skip` and `@include`, and without the fields that they leave out for these values. The compiler would apply the
 * conditions of each spread of a fragment to all spreads of it.
 * @param values of the operation's Booleans; other operations of the document are ignored
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

/** The value of `if` at which a directive leaves its node out. */
const leftOutAt: Readonly<Record<string, boolean>> = {
  [GraphQLSkipDirective.name]: true,
  [GraphQLIncludeDirective.name]: false,
};

/** Whether the directive is `@skip` or `@include`. */
export const isCondition = ({ name }: DirectiveNode): boolean => Object.hasOwn(leftOutAt, name.value);

function leavesOut(directive: DirectiveNode, values: Readonly<Record<string, unknown>>): boolean {
  const given = directive.arguments?.find(({ name }) => name.value === 'if')?.value;
  const value = given?.kind === Kind.VARIABLE ? values[given.name.value] : given?.kind === Kind.BOOLEAN && given.value;
  return isCondition(directive) && value === leftOutAt[directive.name.value];
}
