import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../resolvers/context.js';
import { answerTooLarge, largestAnswer } from '../services/largest-answer.js';
import type { FormatError } from './errors.js';

/** Whether a value is too long as JSON, about: without what escapes add. It is gone through no further than that. */
export function isTooLarge(answer: unknown): boolean {
  const open: unknown[] = [answer];
  for (let length = 0; open.length > 0;) {
    const value = open.pop();
    if (typeof value === 'string') length += value.length + 3;
    else if (Array.isArray(value)) for (const item of value) open.push(item);
    else if (typeof value === 'object' && value !== null) {
      // Several times as fast as by lists of names or values; an answer inherits none.
      for (const name in value) {
        length += name.length + 3;
        open.push((value as Record<string, unknown>)[name]);
      }
    } else length += 2;
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
