import {
  GraphQLError,
  Kind,
  type ASTVisitor,
  type FragmentDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { ClvError } from '../errors.js';

/** Tokens of a document; variables do not count. */
export const maxTokens = 2_000;
/** `customers{edges{node{clv{explanation{contributions{amount}}}}}}` is 7 deep. */
export const maxDepth = 12;
/** Aliases ask for the same field many times over. */
export const maxAliases = 30;

/** Rejects documents that are too deep or that repeat fields under too many aliases, fragments included. */
export const limitsRule: ValidationRule = (context): ASTVisitor => ({
  OperationDefinition(operation) {
    const { depth, aliases } = measure(operation.selectionSet, context);
    if (depth > maxDepth) context.reportError(tooComplex(`is ${depth} levels deep; at most ${maxDepth} are allowed`));
    if (aliases > maxAliases)
      context.reportError(tooComplex(`has ${aliases} aliases; at most ${maxAliases} are allowed`));
  },
});

interface Size {
  readonly depth: number;
  readonly aliases: number;
}

const nothing: Size = { depth: 0, aliases: 0 };

function measure(root: SelectionSetNode, context: ValidationContext): Size {
  const fragments = new Map<string, Size>();

  const sizeOfFragment = (fragment: FragmentDefinitionNode | null | undefined): Size => {
    if (!fragment) return nothing;
    const known = fragments.get(fragment.name.value);
    if (known) return known;
    // Stands for itself while it is measured, so that a cycle, which another rule reports, ends here.
    fragments.set(fragment.name.value, nothing);
    const size = sizeOfSet(fragment.selectionSet);
    fragments.set(fragment.name.value, size);
    return size;
  };

  const sizeOfSet = (set: SelectionSetNode): Size => {
    let depth = 0;
    let aliases = 0;
    for (const selection of set.selections) {
      let size = nothing;
      if (selection.kind === Kind.FRAGMENT_SPREAD) size = sizeOfFragment(context.getFragment(selection.name.value));
      else if (selection.kind === Kind.INLINE_FRAGMENT) size = sizeOfSet(selection.selectionSet);
      else {
        const inner = selection.selectionSet ? sizeOfSet(selection.selectionSet) : nothing;
        // GraphQL limits the depth of introspection by a rule of its own.
        const isIntrospection = selection.name.value.startsWith('__');
        size = {
          depth: isIntrospection ? 0 : inner.depth + 1,
          aliases: inner.aliases + (selection.alias ? 1 : 0),
        };
      }
      depth = Math.max(depth, size.depth);
      aliases += size.aliases;
    }
    return { depth, aliases };
  };

  return sizeOfSet(root);
}

function tooComplex(problem: string): GraphQLError {
  const originalError = new ClvError('QUERY_TOO_COMPLEX', `The operation ${problem}.`);
  return new GraphQLError(originalError.message, { originalError });
}
