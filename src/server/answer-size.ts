import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../resolvers/context.js';
import { answerTooLarge, largestAnswer, lengthAsJson } from '../services/largest-answer.js';
import type { FormatError } from './errors.js';

/** The most characters that a number has as JSON, and a comma. */
const longestNumber = 25;

export function isTooLarge(answer: unknown): boolean {
  // A number takes several times as long to write as all else to count: it is written where that may decide.
  return lengthAsJson(answer, () => longestNumber) > largestAnswer && lengthAsJson(answer) > largestAnswer;
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
