import { BREAK, type DocumentNode, type GraphQLSchema, Kind, visit } from 'graphql';

const introspection = new Set(['__schema', '__type']);

/**
 * Prefix of the compiler's marks. It writes dates, and numbers that JSON does not have, as texts with a mark, and then replaces these by
 * code. It would do so with a caller's text that begins with a mark, too, so that callers could run code here.
 */
const mark = '__MAGIC_';

/** Longest name of a compiled field: one of a megabyte may have as many beginnings to look at. */
const longestName = 200;

/** Whether the compiled code of a document gives the same answers as GraphQL's own executor. */
export function isCompilable(document: DocumentNode, schema: GraphQLSchema): boolean {
  return isUnderstood(document) && hasOwnPaths(document, schema);
}

/**
 * Left to GraphQL's own executor are introspection; variables within literals, which the compiler drops from scalars such as `JSONObject`,
 * and takes for null, rather than the field's default, where they are missing; `__proto__`, which is no field in its code, so that a filter
 * by an attribute of that name would select all customers; and names and texts with `mark`.
 */
function isUnderstood(document: DocumentNode): boolean {
  let compilable = true;
  const refuse = () => {
    compilable = false;
    return BREAK;
  };
  visit(document, {
    Name: ({ value }) => (value === '__proto__' || value.includes(mark) ? refuse() : undefined),
    StringValue: ({ value }) => (value.includes(mark) ? refuse() : undefined),
    EnumValue: ({ value }) => (value.includes(mark) ? refuse() : undefined),
    Field: ({ name }) => (introspection.has(name.value) ? refuse() : undefined),
    ObjectField: ({ value }) => (value.kind === Kind.VARIABLE ? refuse() : undefined),
    ListValue: ({ values }) => (values.some(({ kind }) => kind === Kind.VARIABLE) ? refuse() : undefined),
  });
  return compilable;
}

/**
 * Whether fields have different paths in the compiler, under which it keeps what resolvers get of the query, such as the columns to read.
 * Paths are names, types and `idx0` of lists, joined by `_`, so that `a { b }` and `b_a` could get what belongs to the other.
 */
function hasOwnPaths(document: DocumentNode, schema: GraphQLSchema): boolean {
  const names = new Set<string>();
  visit(document, { Field: ({ alias, name }) => void names.add((alias ?? name).value) });
  const isPart = (text: string) => names.has(text) || Boolean(schema.getType(text)) || /^idx\d+$/.test(text);
  return [...names].every((name) => name.length <= longestName && !beginningsOf(name).some(isPart));
}

/** Every beginning of a name that ends before a `_`. */
const beginningsOf = (name: string): string[] => Array.from(name.matchAll(/_/g), ({ index }) => name.slice(0, index));
