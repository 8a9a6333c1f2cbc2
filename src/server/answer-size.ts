import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../resolvers/context.js';
import { answerTooLarge, largestAnswer } from '../services/largest-answer.js';
import type { FormatError } from './errors.js';

/** The most characters that a number has as JSON, and a comma. */
const longestNumber = 25;
/** Those of a list or an object, and a comma. */
const brackets = 3;

/** Whether a value is too long as JSON, about: without what escapes add. */
export function isTooLarge(answer: unknown): boolean {
  // A number takes several times as long to write as all else to count: it is written where that may decide.
  return isLonger(answer, () => longestNumber) && isLonger(answer, (number) => String(number).length + 1);
}

/** Gone through no further than that. */
function isLonger(answer: unknown, lengthOf: (number: number) => number): boolean {
  const open: unknown[] = [answer];
  for (let length = 0; open.length > 0;) {
    const value = open.pop();
    if (typeof value === 'string') length += value.length + 3;
    else if (Array.isArray(value)) {
      length += brackets;
      for (const item of value) open.push(item);
    } else if (typeof value === 'object' && value !== null) {
      length += brackets;
      // Several times as fast as by lists of names or values; an answer inherits none.
      for (const name in value) {
        length += name.length + 3;
        open.push((value as Record<string, unknown>)[name]);
      }
    } else length += typeof value === 'number' ? lengthOf(value) : 5;
    if (length > largestAnswer) return true;
  }
  return false;
}

/** Lists within lists repeat what was read once, so that only the answer itself tells how large it is. */
export function answerSizeLimit(formatError: FormatError): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ response: { body, http } }) {
          if (body.kind !== 'single' || !isTooLarge(body.singleResult)) return;
          body.singleResult = { errors: [formatError(answerTooLarge())] };
          http.status = 400;
        },
      };
    },
  };
}
