import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { ClvError, reasonOf } from '../../errors.js';
import type { Services } from '../../services/create-services.js';
import { actorOf } from '../authentication.js';

/** Most bytes of callers without a key, who can only ask for the schema. */
const mostOfStrangers = 64 * 1024;
/** Most bytes of callers who may only read, as over a WebSocket: several times the longest filter. 16 MiB of `[]` block for seconds. */
const mostOfReaders = 1024 * 1024;

/**
 * Reads bodies of JSON as Fastify does, and says why one is refused. A body is kept in memory until it is complete, and parsed at once.
 * Therefore callers who may only read may send no long bodies, and those without a valid key only short ones that declare their length.
 */
export function readRequestBodies(app: FastifyInstance, services: Pick<Services, 'apiKeys'>): void {
  app.addHook('onRequest', async ({ headers }) => {
    const encoding = headers['content-encoding'] ?? 'identity';
    if (encoding === 'identity') return;
    throw refused(415, `The body is compressed (${encoding}), which is not read. Send it as it is.`);
  });
  app.addHook('preParsing', async ({ headers }, _reply, payload) => {
    const { 'content-length': length = 0, 'transfer-encoding': pieces } = headers;
    const size = pieces === undefined ? Number(length) : undefined;
    if (size !== undefined && size <= mostOfStrangers) return payload;
    const actor = await actorOf(headers, services.apiKeys);
    if (!actor) {
      throw refused(413, 'Without a valid API key a body has 64 KiB at most, and says its length (content-length).');
    }
    if (actor.role !== 'VIEWER') return payload;
    if (size === undefined) return Readable.from(readersBody(payload));
    if (size > mostOfReaders) throw tooLongOfReader();
    return payload;
  });
  app.removeContentTypeParser('text/plain');
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // Decoded as UTF-8 nevertheless, names would be stored with U+FFFD in place of letters.
    if (!isUtf8(body)) return done(refused(400, 'The body is not UTF-8. Send JSON in UTF-8.'));
    const text = body.toString();
    return parse(request, text, (error, value) => {
      done(error && text !== '' ? refused(400, whyNotRead(text)) : error, value);
    });
  });
}

/**
 * Reads a body of unknown length, up to the limit. Nothing is read before the parser asks: Node discards an unread body only if reading has
 * not begun; otherwise the next request of the connection is never answered.
 */
async function* readersBody(payload: Readable): AsyncGenerator<Buffer> {
  let size = 0;
  // Destroying the payload would close the connection before the answer.
  for await (const piece of payload.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > mostOfReaders) throw tooLongOfReader();
    yield piece;
  }
}

const tooLongOfReader = () =>
  refused(413, 'With a key of the role VIEWER a body has 1 MiB at most. Ask for less in one request.');

/** Messages in place of Fastify's, by its codes. */
export const refusals: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The body is not said to be JSON. Send JSON, with "content-type: application/json".',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'The body is empty. Send {"query": "...", "variables": {}}.',
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is larger than 16 MiB. Send what is in it in several requests.',
};

/** These keys could change the prototype of all objects where they are copied. */
const refusedKeys =
  'An object in the body has the key "__proto__", or "constructor" with "prototype" in it: leave it out.';

export const refused = (statusCode: number, message: string): ClvError & { readonly statusCode: number } =>
  Object.assign(new ClvError('BAD_USER_INPUT', message), { statusCode });

function whyNotRead(text: string): string {
  try {
    JSON.parse(text);
    return refusedKeys;
  } catch (error) {
    return `The body is not JSON: ${reasonOf(error)}. Send {"query": "...", "variables": {}}.`;
  }
}
