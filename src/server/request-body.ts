import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { ClvError } from '../errors.js';
import type { Services } from '../resolvers/services.js';
import { callerOf, isStranger } from './rate-limit.js';

/** Far more than whoever sees nothing but the schema has to say. */
const mostOfStrangers = 64 * 1024;

/**
 * Reads bodies of JSON as Fastify does, and says why one is refused. Until it is whole, a body is kept in memory: what comes
 * without a valid key may only be a short one, and has to say its length.
 */
export function readRequestBodies(app: FastifyInstance, services: Pick<Services, 'apiKeys'>): void {
  app.addHook('onRequest', async ({ headers }) => {
    const encoding = headers['content-encoding'] ?? 'identity';
    if (encoding === 'identity') return;
    throw refused(415, `The body is compressed (${encoding}), which is not read. Send it as it is.`);
  });
  app.addHook('preParsing', async (request) => {
    const { 'content-length': length = 0, 'transfer-encoding': pieces } = request.headers;
    const isShort = pieces === undefined && Number(length) <= mostOfStrangers;
    if (isShort || !isStranger(await callerOf(request, services))) return;
    throw refused(413, 'Without a valid API key a body has 64 KiB at most, and says its length (content-length).');
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
