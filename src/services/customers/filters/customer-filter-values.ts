import { isStorable } from '../../../storable-text.js';
import { ClvError } from '../../../errors.js';
import type { Range } from '../customer-filter.types.js';

export const longestText = 200;
export const longestList = 1_000;
const largestJson = 4_000;
export const mostDays = 36_500;

/** Checks of the values in a filter, so that none of them can make the database refuse a statement. */

/** @throws ClvError BAD_USER_INPUT where the range is empty or leaves `bounds` */
export function requireRange(
  name: string,
  { min, max }: Range,
  bounds: { from: number; to: number; hint?: string } = { from: -1e15, to: 1e15 },
): { min: number | undefined; max: number | undefined } {
  for (const bound of [min, max]) {
    if (typeof bound === 'number' && !(bound >= bounds.from && bound <= bounds.to)) {
      throw wrong(name, `${bound} is not between ${bounds.from} and ${bounds.to}${bounds.hint ?? ''}`);
    }
  }
  if (typeof min === 'number' && typeof max === 'number' && min > max) {
    throw wrong(name, `its min ${min} is above its max ${max}`);
  }
  return { min: min ?? undefined, max: max ?? undefined };
}

/** @returns the range. @throws ClvError BAD_USER_INPUT for one in percent */
export function requireProbabilities(name: string, range: Range): Range {
  requireRange(name, range, { from: 0, to: 1, hint: '; 0.4 stands for 40 %' });
  return range;
}

const leastReal = 2 ** -149;

/** A bound for a column of type `real`: one that would round to 0 becomes the nearest number that does not. */
export function realBound(bound: 'min' | 'max', value: number): number {
  if (value === 0 || Math.fround(value) !== 0) return value;
  if (bound === 'min') return value > 0 ? leastReal : 0;
  return value > 0 ? 0 : -leastReal;
}

/** Refuses an empty list, which could mean "none" or "any". @throws ClvError BAD_USER_INPUT */
export function requireList<T>(name: string, values: readonly T[], most = longestList): readonly T[] {
  if (values.length === 0) throw wrong(name, 'the list is empty; leave it out where everything fits');
  if (values.length > most) throw wrong(name, `it has ${values.length} items; at most ${most} are allowed`);
  return values;
}

/** @throws ClvError BAD_USER_INPUT for what Postgres cannot store as text */
export function requireText(name: string, text: string, longest = longestText): string {
  if (text === '') throw wrong(name, 'the text is empty');
  if (text.length > longest) throw wrong(name, `a text is longer than ${longest} characters`);
  if (!isStorable(text)) throw wrong(name, 'a text has characters that no text may have');
  return text;
}

/**
 * @returns the value as JSON text
 * @throws ClvError BAD_USER_INPUT, also for a variable in a literal that was not given: without its condition, all customers would fit
 */
export function requireJson(name: string, value: Readonly<Record<string, unknown>>): string {
  const json = JSON.stringify(value, (key, inner: unknown) => {
    if (inner === undefined) throw wrong(name, `"${key}" has no value: the variable that stands for it is not given`);
    if (typeof inner === 'string' && inner !== '') requireText(name, inner);
    if (typeof inner === 'object' && inner !== null) for (const key of Object.keys(inner)) requireText(name, key);
    return inner;
  });
  if (json.length > largestJson) throw wrong(name, `it is longer than ${largestJson} characters`);
  return json;
}

function wrong(name: string, problem: string): ClvError {
  return new ClvError('BAD_USER_INPUT', `The filter is wrong: "${name}": ${problem}.`);
}
