import pLimit, { type LimitFunction } from 'p-limit';
import { ClvError } from '../errors.js';

/**
 * Most characters of one answer. While it is written as text, nobody else is answered, for some 10 ms per million characters, and what is
 * read for it is in memory until it is sent.
 */
export const largestAnswer = 32 * 1024 * 1024;

/** Most order lines of one answer. An order may have 2,000, and a query may ask for thousands of orders, which would fill the memory. */
export const mostLines = 200_000;

/**
 * What a request may still read; below 0 once it was refused something. Each of several aliased or nested lists is read by itself, and
 * without a budget all would be in memory before the answer is refused.
 */
export interface AnswerBudget {
  /** Order lines that may still be read. */
  lines: number;
  /** Characters of texts, attributes and filters of segments that may still be read. */
  characters: number;
  /** Reads in small parts what is measured only after it has been read. */
  readonly inTurn: LimitFunction;
}

export const answerBudget = (): AnswerBudget => ({ lines: mostLines, characters: largestAnswer, inTurn: pLimit(4) });

/** Characters of the two brackets of a list or an object, and of a comma. */
const brackets = 3;

/** Characters that JSON writes in another way, including control characters and halves of surrogate pairs. */
const escaped = /["\\\p{Cc}\p{Cs}]/u;

/** Lengths of values in characters of JSON, each with a comma or a colon. */
export interface Lengths {
  number(value: number): number;
  text(value: string): number;
}

const exactly: Lengths = {
  number: (value) => String(value).length + 1,
  text: (value) => (escaped.test(value) ? JSON.stringify(value).length + 1 : value.length + 3),
};

/** The length of a value as JSON, in characters. It stops counting where the value is longer than any answer. */
export function lengthAsJson(given: unknown, lengths = exactly): number {
  const open: unknown[] = [given];
  let length = 0;
  while (open.length > 0 && length <= largestAnswer) {
    const value = open.pop();
    if (typeof value === 'string') length += lengths.text(value);
    else if (Array.isArray(value)) {
      length += brackets;
      for (const item of value) open.push(item);
    } else if (typeof value === 'object' && value !== null) {
      length += brackets;
      // Several times as fast as `Object.keys` or `Object.values`; answers inherit no properties.
      for (const name in value) {
        length += lengths.text(name);
        open.push((value as Record<string, unknown>)[name]);
      }
    } else length += typeof value === 'number' ? lengths.number(value) : 5;
  }
  return length;
}

export const answerTooLarge = (): ClvError =>
  new ClvError(
    'QUERY_TOO_COMPLEX',
    'The answer, or what is read for it, would be larger than 32 MiB. Ask for fewer items by "first", for fewer fields of each item, or in several requests.',
  );
