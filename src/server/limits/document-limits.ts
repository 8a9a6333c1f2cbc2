import {
  type DocumentNode,
  type GraphQLError,
  Kind,
  type ASTVisitor,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationRule,
} from 'graphql';
import { ClvError } from '../../errors.js';
import { asGraphQLError } from '../errors.js';

/** Tokens of a document; variables do not count. */
export const maxTokens = 2_000;
/** `customers{edges{node{clv{explanation{contributions{amount}}}}}}` is 7 deep. */
export const maxDepth = 12;
/** Aliases ask for the same field many times over. */
export const maxAliases = 30;
/**
 * Fields and fragments of a document with its fragments written out, as the compiler of queries does. Sixty fragments with two spreads of
 * the next one each would be 10^18, at no cost if they select `__typename`.
 */
const maxSelections = 10_000;
/** Each `__schema` lists the whole schema; tools ask for it once. */
const maxSchemas = 1;
const maxTypes = 5;

/**
 * Rejects documents that, with their fragments, are too deep or too large, repeat fields under too many aliases, or ask for the schema too
 * often.
 */
export const limitsRule: ValidationRule = (context): ASTVisitor => ({
  OperationDefinition(operation) {
    const { depth, selections, aliases, schemas, types, aliasesWithin } = measure(operation.selectionSet, (name) =>
      context.getFragment(name),
    );
    const refuseBeyond = (most: number, count: number, problem: string) => {
      if (count > most) context.reportError(tooComplex(problem));
    };
    refuseBeyond(maxDepth, depth, `is ${depth} levels deep; at most ${maxDepth} are allowed`);
    refuseBeyond(
      maxSelections,
      selections,
      `asks for ${selections} fields with its fragments written out; at most ${maxSelections} are allowed`,
    );
    refuseBeyond(maxAliases, aliases, `has ${aliases} aliases; at most ${maxAliases} are allowed`);
    refuseBeyond(maxSchemas, schemas, `asks for __schema ${schemas} times; once is allowed`);
    refuseBeyond(maxTypes, types, `asks for __type ${types} times; ${maxTypes} times are allowed`);
    refuseBeyond(0, aliasesWithin, 'has aliases within __schema or __type, where none is allowed');
  },
});

interface Size {
  readonly depth: number;
  /** Fields and fragments. */
  readonly selections: number;
  readonly aliases: number;
  /** Fields of these names. */
  readonly schemas: number;
  readonly types: number;
  /** Aliases within introspection, for which the cost of a query does not account. */
  readonly aliasesWithin: number;
}

const nothing: Size = { depth: 0, selections: 0, aliases: 0, schemas: 0, types: 0, aliasesWithin: 0 };

/** A fragment without its contents. */
const itself: Size = { ...nothing, selections: 1 };

/** The size of fields side by side. */
function together(one: Size, other: Size): Size {
  return {
    depth: Math.max(one.depth, other.depth),
    selections: one.selections + other.selections,
    aliases: one.aliases + other.aliases,
    schemas: one.schemas + other.schemas,
    types: one.types + other.types,
    aliasesWithin: one.aliasesWithin + other.aliasesWithin,
  };
}

/** Fields and fragments of a valid operation with its fragments written out. */
export function selectionsOf({ selectionSet }: OperationDefinitionNode, { definitions }: DocumentNode): number {
  const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION);
  return measure(selectionSet, (name) => fragments.find((fragment) => fragment.name.value === name)).selections;
}

type FragmentNamed = (name: string) => FragmentDefinitionNode | null | undefined;

function measure(root: SelectionSetNode, fragmentNamed: FragmentNamed): Size {
  const fragments = new Map<string, Size>();

  const sizeOfFragment = (fragment: FragmentDefinitionNode | null | undefined): Size => {
    if (!fragment) return nothing;
    const known = fragments.get(fragment.name.value);
    if (known) return known;
    // Counted as empty while it is measured, so that a cycle, which another rule reports, ends here.
    fragments.set(fragment.name.value, nothing);
    const size = sizeOfSet(fragment.selectionSet);
    fragments.set(fragment.name.value, size);
    return size;
  };

  const sizeOfSet = ({ selections }: SelectionSetNode): Size =>
    selections.reduce((size, selection) => together(size, sizeOfSelection(selection)), nothing);

  const sizeOfSelection = (selection: SelectionNode): Size => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      return together(itself, sizeOfFragment(fragmentNamed(selection.name.value)));
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) return together(itself, sizeOfSet(selection.selectionSet));
    const name = selection.name.value;
    const inner = selection.selectionSet ? sizeOfSet(selection.selectionSet) : nothing;
    // GraphQL limits the depth of introspection by a rule of its own.
    const isIntrospection = name.startsWith('__');
    return {
      depth: isIntrospection ? 0 : inner.depth + 1,
      selections: inner.selections + 1,
      aliases: inner.aliases + (selection.alias ? 1 : 0),
      schemas: inner.schemas + (name === '__schema' ? 1 : 0),
      types: inner.types + (name === '__type' ? 1 : 0),
      aliasesWithin: isIntrospection ? inner.aliases : inner.aliasesWithin,
    };
  };

  return sizeOfSet(root);
}

function tooComplex(problem: string): GraphQLError {
  return asGraphQLError(new ClvError('QUERY_TOO_COMPLEX', `The operation ${problem}.`));
}
