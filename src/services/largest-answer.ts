import { ClvError } from '../errors.js';

/**
 * Characters of one answer. While it is put into text nobody else is answered, for some 10 ms a million characters, and what is read
 * for it is in memory until it is sent.
 */
export const largestAnswer = 32 * 1024 * 1024;

export const answerTooLarge = (): ClvError =>
  new ClvError(
    'QUERY_TOO_COMPLEX',
    'The answer would be larger than 32 MiB. Ask for fewer items by "first", for fewer fields of each item, or in several requests.',
  );
