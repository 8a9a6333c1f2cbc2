import { BREAK, type DocumentNode, type GraphQLSchema, Kind, visit } from 'graphql';

const introspection = new Set(['__schema', '__type']);

/**
 * The compiler's marks begin so. It writes dates, and numbers that JSON does not know, as texts with a mark, which it then replaces by
 * code: of a caller's text that begins with one it made code, too, so that whoever might read could run anything here.
 */
const mark = '__MAGIC_';

/** Of a field that is compiled: a name of a megabyte has as many beginnings. */
const longestName = 200;

/** Whether the compiler's code for a document answers what GraphQL's own executor does. */
export function isCompilable(document: DocumentNode, schema: GraphQLSchema): boolean {
  return isUnderstood(document) && hasOwnPaths(document, schema);
}

/**
 * Introspection is left to GraphQL's own executor; so are variables within literals: the compiler drops them from scalars such as
 * `JSONObject`, and where they are missing takes null in place of the field's default. So is `__proto__`, which in its code names no
 * field: a filter by an attribute of that name would let all customers through. And so is what it would run.
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
 * What a field's resolver is told of the query, such as the columns to read, the compiler keeps under the path from the field: names, types
 * and `idx0` of lists, joined by `_`. Of `a { b }` and `b_a` one would be told what the other is asked for.
 */
function hasOwnPaths(document: DocumentNode, schema: GraphQLSchema): boolean {
  const names = new Set<string>();
  visit(document, { Field: ({ alias, name }) => void names.add((alias ?? name).value) });
  const isPart = (text: string) => names.has(text) || Boolean(schema.getType(text)) || /^idx\d+$/.test(text);
  return [...names].every((name) => name.length <= longestName && !beginningsOf(name).some(isPart));
}

/** Every beginning of a name that ends before a `_`. */
const beginningsOf = (name: string): string[] => Array.from(name.matchAll(/_/g), ({ index }) => name.slice(0, index));
