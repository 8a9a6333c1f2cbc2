import { validateSync } from 'class-validator';
import { type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql';
import { ArgumentValidationError, type ClassType } from 'type-graphql';
import type { Customer } from '../../entities/index.js';
import { ClvFieldsResolver } from '../../resolvers/customers/clv-fields.resolver.js';
import type { RequestContext } from '../../resolvers/context.js';
import { CustomerFieldsResolver } from '../../resolvers/customers/customer-fields.resolver.js';
import type { CustomerClv } from '../../services/predictions/customer-clv.js';
import { ClvArgs, IntervalArgs } from '../../schema/customers/clv.type.js';

/**
 * Calls the resolvers of fields of customers in lists directly. The wrappers of type-graphql (a promise for each argument, a copy of each
 * parent, and a check of the same few arguments each time) took longer than everything else for a page of 50.
 */
export function resolveDirectly(schema: GraphQLSchema): void {
  const [customers, values] = [new CustomerFieldsResolver(), new ClvFieldsResolver()];
  const clv = checker(ClvArgs, 'horizonDays');
  const interval = checker(IntervalArgs, 'level');
  setResolver<Customer>(schema, 'Customer', 'clv', (root, args, context) => customers.clv(root, clv(args), context));
  setResolver<CustomerClv>(schema, 'Clv', 'interval', (root, args) => values.interval(root, interval(args)));
}

function setResolver<Source>(
  schema: GraphQLSchema,
  typeName: string,
  fieldName: string,
  resolve: GraphQLFieldResolver<Source, RequestContext, object>,
): void {
  const type = schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
  if (!field) throw new Error(`The schema has no field ${typeName}.${fieldName}.`);
  field.resolve = resolve;
}

/** Number of checked arguments that are cached for each class. */
const capacity = 1_000;

/**
 * Checks the only argument of a class by its decorators; each value is checked once.
 * @throws ArgumentValidationError as type-graphql does
 */
function checker<Args extends object>(argsClass: ClassType<Args>, name: keyof Args): (args: object) => Args {
  const checked = new Map<unknown, Args>();
  return (args) => {
    const value = (args as Args)[name];
    const known = checked.get(value);
    if (known) return known;
    const instance = Object.assign(new argsClass(), args);
    const errors = validateSync(instance, { skipMissingProperties: true, forbidUnknownValues: false });
    if (errors.length > 0) throw new ArgumentValidationError(errors);
    if (checked.size >= capacity) checked.clear();
    checked.set(value, instance);
    return instance;
  };
}
