import { isStorable } from '../../storable-text.js';
import { ClvError } from '../../errors.js';

/** Together with ids of 500 characters it fits into an index entry. */
const maximumLength = 100;

/** A source as it is stored: trimmed, as ids are. @throws ClvError BAD_USER_INPUT where it cannot be stored */
export function sourceName(given: string): string {
  const name = given.trim();
  if (name !== '' && name.length <= maximumLength && isStorable(name)) return name;
  throw new ClvError(
    'BAD_USER_INPUT',
    `The source must be a name of 1 to ${maximumLength} characters without a NUL, e.g. "shopify".`,
  );
}
