import {
  type FragmentDefinitionNode,
  getArgumentValues,
  getNamedType,
  getOperationAST,
  getVariableValues,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  type GraphQLInputType,
  isInputObjectType,
  isInterfaceType,
  isInputType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  typeFromAST,
} from 'graphql';
import type { ApiRole } from '../../entities/index.js';
import { ClvError } from '../../errors.js';
import { hasRole } from '../../resolvers/authorization.js';
import type { Actor } from '../../services/api-keys.service.js';
import { refusal } from '../errors.js';

type Variables = Record<string, unknown>;

/** Cost of the selected fields of one object. */
interface SetCost {
  cost: number;
  /** By name, the cost of what is computed once for several fields; not in `cost`. */
  readonly together: Map<string, number>;
  /** Cost of fields about a list as a whole, whatever its length; not in `cost`. */
  ofWholeList: number;
}

/** Most errors about one document: limited, since each takes long to format. */
export const maxErrors = 50;
/** Cost of a field that the caller's role does not allow: its error takes as long as so many fields, or longer in a long document. */
const costOfRefusal = 20;

/**
 * Upper bound of an operation's cost: for every field 1, or its `complexity`, and the cost of its arguments, times the `first` of every
 * list that it is in; without `first`, times the most items that the list may have. Fields of one object with the same `together` cost as
 * much as one of them, and those with `ofWholeList` are counted once per list. `__typename` costs nothing beside other fields, unless it
 * has an alias. A field that the caller may not read costs as much as its error.
 */
export function costOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  given: Variables,
  actor: Actor | null,
): number {
  const variables = variablesOf(schema, operation, given);
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const costOfFragments = new Map<string, SetCost>();

  const costOfFragment = (name: string): SetCost => {
    const known = costOfFragments.get(name);
    if (known !== undefined) return known;
    const fragment = fragments.get(name);
    const cost = fragment
      ? costOfSet(fragment.selectionSet, schema.getType(fragment.typeCondition.name.value))
      : costOfNothing();
    costOfFragments.set(name, cost);
    return cost;
  };

  const costOfSet = ({ selections }: SelectionSetNode, type: GraphQLNamedType | null | undefined): SetCost => {
    const set = costOfNothing();
    for (const selection of selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD) add(set, costOfFragment(selection.name.value));
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition;
        add(set, costOfSet(selection.selectionSet, condition ? schema.getType(condition.name.value) : type));
      } else addField(set, selection, fieldOf(type, selection.name.value));
    }
    return set;
  };

  const addField = (set: SetCost, node: FieldNode, field: GraphQLField<unknown, unknown> | undefined): void => {
    if (!field) {
      // Introspection is limited by a rule of its own. Clients add `__typename` to every object by themselves.
      if (node.name.value === '__typename' && node.alias) set.cost += 1;
      return;
    }
    const given = argumentsOf(field, node, variables);
    set.cost += costOfArguments(field, given);
    const own = Math.max(Number(field.extensions['complexity'] ?? 1), isRefused(field, actor) ? costOfRefusal : 0);
    const together = field.extensions['together'];
    if (typeof together === 'string') set.together.set(together, own);
    else if (field.extensions['ofWholeList']) set.ofWholeList += own;
    else set.cost += own;
    if (!node.selectionSet) return;
    const inner = costOfSet(node.selectionSet, getNamedType(field.type));
    set.cost += itemsOf(field, given) * Math.max(totalOf(inner), 1) + inner.ofWholeList;
  };

  return totalOf(costOfSet(operation.selectionSet, schema.getRootType(operation.operation)));
}

/**
 * Coerced values of the variables. Values of types that never cost anything stay as they are given: comparing a batch of a thousand orders
 * with its type takes long, and execution does it anyway. Wrong values are refused before anything is executed.
 */
function variablesOf(schema: GraphQLSchema, operation: OperationDefinitionNode, given: Variables): Variables {
  const definitions = operation.variableDefinitions ?? [];
  const free = definitions.filter(({ variable, type }) => {
    const input = typeFromAST(schema, type);
    const isObject = isInputType(input) && isInputObjectType(getNamedType(input));
    return isObject && !mayCost(input) && (given[variable.name.value] ?? null) !== null;
  });
  const others = definitions.filter((definition) => !free.includes(definition));
  const { coerced } = getVariableValues(schema, others, given, { maxErrors });
  const asGiven = free.map(({ variable: { name } }) => [name.value, given[name.value]]);
  return { ...Object.fromEntries(asGiven), ...coerced };
}

/** Whether anything that a value of the type can hold costs something. */
function mayCost(type: GraphQLInputType, seen = new Set<GraphQLNamedType>()): boolean {
  const named = getNamedType(type);
  if (!isInputObjectType(named) || seen.has(named)) return false;
  seen.add(named);
  const fields = Object.values(named.getFields());
  const costs = [named, ...fields].some(({ extensions }) => extensions['complexity'] !== undefined);
  return costs || fields.some((field) => mayCost(field.type, seen));
}

const costOfNothing = (): SetCost => ({ cost: 0, together: new Map(), ofWholeList: 0 });

function add(set: SetCost, { cost, together, ofWholeList }: SetCost): void {
  set.cost += cost;
  set.ofWholeList += ofWholeList;
  for (const [name, own] of together) set.together.set(name, own);
}

const totalOf = ({ cost, together }: SetCost): number => [...together.values()].reduce((sum, own) => sum + own, cost);

/** @throws GraphQLError QUERY_TOO_COMPLEX that tells the cost, the limit, and what to change */
export function requireCost(
  limit: number,
  schema: GraphQLSchema,
  document: DocumentNode,
  { operationName, variables }: { operationName?: string | null; variables?: Variables | null },
  actor: Actor | null,
): void {
  const operation = getOperationAST(document, operationName);
  if (!operation) return;
  const cost = costOf(schema, document, operation, variables ?? {}, actor);
  if (cost <= limit) return;
  const problem = new ClvError(
    'QUERY_TOO_COMPLEX',
    `The operation may cost ${cost}; at most ${limit} is allowed. Ask for fewer items by "first", for fewer fields of ` +
      'each item, or in several requests.',
    { details: { cost, limit } },
  );
  throw refusal(problem);
}

function isRefused({ extensions }: GraphQLField<unknown, unknown>, actor: Actor | null): boolean {
  const role = extensions['role'];
  return role !== undefined && !hasRole(actor, role as ApiRole);
}

function fieldOf(type: GraphQLNamedType | null | undefined, name: string) {
  return isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
}

/** The arguments of a field; none if any is wrong, which is refused before anything is executed. */
function argumentsOf(field: GraphQLField<unknown, unknown>, node: FieldNode, variables: Variables): Variables {
  try {
    return getArgumentValues(field, node, variables);
  } catch {
    return {};
  }
}

/** Number of items: `first`, without it the field's `items`, or 1. */
function itemsOf(field: GraphQLField<unknown, unknown>, given: Variables): number {
  if (!field.args.some(({ name }) => name === 'first')) return Number(field.extensions['items'] ?? 1);
  return Math.max(Number(given['first'] ?? 1), 1) || 1;
}

const costOfArguments = ({ args }: GraphQLField<unknown, unknown>, given: Variables): number =>
  args.reduce((cost, { name, type }) => cost + (mayCost(type) ? costOfValue(type, given[name]) : 0), 0);

/** Sum of the `complexity` of the given fields of an input: their own, or that of the input's type for all its fields. */
function costOfValue(type: GraphQLInputType, value: unknown): number {
  if (Array.isArray(value)) return value.reduce((cost: number, item) => cost + costOfValue(type, item), 0);
  const named = getNamedType(type);
  if (!isInputObjectType(named) || typeof value !== 'object' || value === null) return 0;
  let cost = 0;
  for (const [name, inner] of Object.entries(value)) {
    const field = named.getFields()[name];
    if (!field || inner === null || inner === undefined) continue;
    cost +=
      Number(field.extensions['complexity'] ?? named.extensions['complexity'] ?? 0) + costOfValue(field.type, inner);
  }
  return cost;
}
