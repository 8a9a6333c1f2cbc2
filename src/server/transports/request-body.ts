import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { ClvError } from '../../errors.js';
import type { Services } from '../../resolvers/services.js';
import { actorOf } from '../authentication.js';

/** Far more than whoever sees nothing but the schema has to say. */
const mostOfStrangers = 64 * 1024;
/** As over a WebSocket; several times the longest filter. 16 MiB of empty lists, in one body, held the process up for seconds. */
const mostOfReaders = 1024 * 1024;

/**
 * Reads bodies of JSON as Fastify does, and says why one is refused. Until it is whole, a body is kept in memory, and it is read in one
 * piece: who may only read sends no long ones; what comes without a valid key may only be a short one, and has to say its length.
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
    // Read as UTF-8 all the same, names would be kept with U+FFFD in place of their letters.
    if (!isUtf8(body)) return done(refused(400, 'The body is not UTF-8. Send JSON in UTF-8.'));
    const text = body.toString();
    return parse(request, text, (error, value) => {
      const shown = error && isJson(text) ? refused(400, refusedKeys) : error;
      done(shown, value);
    });
  });
}

/**
 * What comes in pieces does not say its length. None is read before the parser asks: what nobody asks for, Node passes over only where
 * nobody has begun to read, and else what comes next by the connection is never answered.
 */
async function* readersBody(payload: Readable): AsyncGenerator<Buffer> {
  let size = 0;
  // Destroyed, the payload would take the connection, and the answer, with it.
  for await (const piece of payload.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > mostOfReaders) throw tooLongOfReader();
    yield piece;
  }
}

const tooLongOfReader = () =>
  refused(413, 'With a key of the role VIEWER a body has 1 MiB at most. Ask for less in one request.');

/** What callers are told instead of Fastify's own words, by its codes. */
export const refusals: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The body is not said to be JSON. Send JSON, with "content-type: application/json".',
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is larger than 16 MiB. Send what is in it in several requests.',
};

/** They would change what every object has, wherever they were copied to. */
const refusedKeys =
  'An object in the body has the key "__proto__", or "constructor" with "prototype" in it: leave it out.';

export const refused = (statusCode: number, message: string): ClvError & { readonly statusCode: number } =>
  Object.assign(new ClvError('BAD_USER_INPUT', message), { statusCode });

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
