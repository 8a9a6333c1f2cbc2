import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../../resolvers/context.js';
import { answerTooLarge, largestAnswer, lengthAsJson, type Lengths } from '../../services/largest-answer.js';
import type { FormatError } from '../errors.js';

/** Upper bounds of lengths: each character of a text may be written as `\u0001`. */
const atMost: Lengths = { number: () => 25, text: ({ length }) => 6 * length + 3 };

export function isTooLarge(answer: unknown): boolean {
  // Exact lengths of numbers and escaped texts take several times as long, so they are computed only if the bound is exceeded.
  return lengthAsJson(answer, atMost) > largestAnswer && lengthAsJson(answer) > largestAnswer;
}

/** Checks the answer itself, since lists within lists may repeat what was read once. */
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
