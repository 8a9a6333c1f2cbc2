import pLimit, { type LimitFunction } from 'p-limit';
import { ClvError } from '../errors.js';

/**
 * Characters of one answer. While it is put into text nobody else is answered, for some 10 ms a million characters, and what is read
 * for it is in memory until it is sent.
 */
export const largestAnswer = 32 * 1024 * 1024;

/** Lines of orders: an order may have 2,000, and a query ask for thousands of orders, which would fill the memory. */
export const mostLines = 200_000;

/**
 * What a request may get yet; below 0 where it was refused some. Lists under several aliases, or within lists, are read on their own,
 * and all in memory before the answer is refused.
 */
export interface AnswerBudget {
  /** Order lines that may still be read. */
  lines: number;
  /** Characters of texts, attributes and filters of segments that may still be read. */
  characters: number;
  /** What is measured only once it has been read is read a little at a time. */
  readonly inTurn: LimitFunction;
}

export const answerBudget = (): AnswerBudget => ({ lines: mostLines, characters: largestAnswer, inTurn: pLimit(4) });

/** Characters: the two brackets of a list or an object, and a comma. */
const brackets = 3;

/** What JSON may write in another way: control characters and halves of surrogate pairs, too. */
const escaped = /["\\\p{Cc}\p{Cs}]/u;

/** Characters as JSON, each with a comma or a colon. */
export interface Lengths {
  number(value: number): number;
  text(value: string): number;
}

const exactly: Lengths = {
  number: (value) => String(value).length + 1,
  text: (value) => (escaped.test(value) ? JSON.stringify(value).length + 1 : value.length + 3),
};

/** How long a value is as JSON. It is gone through until it is longer than any answer. */
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
      // Several times as fast as by lists of names or values; what is answered inherits none.
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
