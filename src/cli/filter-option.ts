import { coerceInputValue, isInputType } from 'graphql';
import { ClvError, reasonOf } from '../errors.js';
import { buildSchema } from '../server/build-schema.js';
import type { CustomerFilter } from '../services/customers/customer-filter.types.js';

/**
 * The filter that is given as JSON, in the form of the API's `CustomerFilterInput`.
 * @throws ClvError BAD_USER_INPUT for what the API would refuse
 */
export async function customerFilter(json: string): Promise<CustomerFilter> {
  const type = (await buildSchema()).getType('CustomerFilterInput');
  if (!isInputType(type)) throw new TypeError('the schema has no input CustomerFilterInput');
  const problems: string[] = [];
  const filter = coerceInputValue(parsed(json), type, (path, _value, { message }) =>
    problems.push([...path, message].join(': ')),
  );
  if (problems.length === 0) return filter as CustomerFilter;
  throw new ClvError('BAD_USER_INPUT', `The filter is wrong: ${problems.join(' ')}`);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new ClvError(
      'BAD_USER_INPUT',
      `The filter is not JSON: ${reasonOf(cause)}. Write it like '{"clv": {"min": 100}}'.`,
      { cause },
    );
  }
}
