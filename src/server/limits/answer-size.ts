import type { ApolloServerPlugin } from '@apollo/server';
import type { RequestContext } from '../../resolvers/context.js';
import { answerTooLarge, largestAnswer, lengthAsJson, type Lengths } from '../../services/largest-answer.js';
import type { FormatError } from '../errors.js';

/** What they are at most: of a text each character as `\u0001`. */
const atMost: Lengths = { number: () => 25, text: ({ length }) => 6 * length + 3 };

export function isTooLarge(answer: unknown): boolean {
  // Numbers, and what is escaped in texts, take several times as long to write as all else to count: where that may decide.
  return lengthAsJson(answer, atMost) > largestAnswer && lengthAsJson(answer) > largestAnswer;
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
