import { ClvError } from '../../../errors.js';
import { FilterCompiler } from './customer-filter.js';
import type { Reading } from './customer-filter-conditions.js';
import type { CustomerFilter } from '../customer-filter.types.js';
import type { FilterScope } from './filter-scope.js';
import { SqlParameters } from '../../sql-parameters.js';

/**
 * A condition on `customer c`. It may refer to `customer_summary s`, to `prediction p`, the scored prediction or nulls, and to
 * `clv_change v`, the last change or nulls. The statement joins those that it refers to.
 */
export interface CompiledFilter {
  readonly condition: string;
  /** Whether it refers to the customer's own row. */
  readonly joinsCustomer: boolean;
  readonly joinsSummary: boolean;
  readonly joinsPrediction: boolean;
  readonly joinsChange: boolean;
  /** Whether only customers with a prediction can fit. */
  readonly requiresPrediction: boolean;
  /** Whether it counts behavior events. */
  readonly countsEvents: boolean;
  /** Whether it goes through all events or all order lines, unless it is evaluated for few customers. */
  readonly goesThroughAll: boolean;
  /** A condition on `product g`: everybody who fits has bought such a product. Null where there is none. */
  readonly product: string | null;
  /** The conditions that must all hold, by their names. */
  readonly parts: ReadonlyMap<string, string>;
}

/**
 * Compiles a filter into SQL. Values become parameters; they are no part of the statement's text.
 * @param reading of purchases and events: `each` for a statement on few customers, `apart` for a condition outside of `where`
 * @throws ClvError BAD_USER_INPUT for a filter that is too deep, too long or contradicts itself; MODEL_NOT_READY where it
 *   asks for predictions and the base was never scored
 */
export function compileFilter(
  filter: CustomerFilter | null | undefined,
  scope: FilterScope,
  parameters: SqlParameters,
  reading: Reading = 'once',
): CompiledFilter {
  const compiler = new FilterCompiler(scope, parameters, reading);
  const condition = filter ? compiler.compile(filter, 1) : 'true';
  const { found } = compiler;
  return { condition, ...found, goesThroughAll: found.countsEvents || compiler.purchases > 0 };
}

/** Whether the filter names the customers who can fit, so that they are few. */
export const namesCustomers = ({ externalId, person }: CustomerFilter): boolean => Boolean(externalId ?? person);

/** Whether the filter can be evaluated now, i.e. `compileFilter` does not fail. */
export function isTellable(filter: CustomerFilter, scope: FilterScope): boolean {
  try {
    compileFilter(filter, scope, new SqlParameters());
    return true;
  } catch (error) {
    if (error instanceof ClvError) return false;
    throw error;
  }
}
