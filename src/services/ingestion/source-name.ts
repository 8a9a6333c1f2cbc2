import { isStorable } from '../../database/storable-text.js';
import { ClvError } from '../../errors.js';

/** With ids of 500 characters, what an index takes. */
const maximumLength = 100;

/** @throws ClvError BAD_USER_INPUT for a name of a source that cannot be kept */
export function requireSourceName(source: string): void {
  if (source.trim() !== '' && source.length <= maximumLength && isStorable(source)) return;
  throw new ClvError(
    'BAD_USER_INPUT',
    `The source must be a name of 1 to ${maximumLength} characters without a NUL, e.g. "shopify".`,
  );
}
