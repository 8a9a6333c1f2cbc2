import type { IncomingHttpHeaders } from 'node:http';
import { ClvError } from '../errors.js';
import type { Actor, ApiKeysService } from '../services/api-keys.service.js';

/** The key in `Authorization: Bearer <key>` or `X-API-Key: <key>`; an empty header counts as none. */
export function apiKeyOf(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  const own = headers['x-api-key'];
  return bearer ?? ((Array.isArray(own) ? own[0] : own) || undefined);
}

/** The caller; null without a valid key. */
export async function actorOf(headers: IncomingHttpHeaders, apiKeys: ApiKeysService): Promise<Actor | null> {
  const key = apiKeyOf(headers);
  return key === undefined ? null : apiKeys.authenticate(key);
}

/** The key in a WebSocket's connection parameters, which are named as the HTTP headers, in upper or lower case. */
export function apiKeyOfParameters(parameters: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const lowerCase = Object.entries(parameters ?? {})
    .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    .map(([name, value]) => [name.toLowerCase(), value] as const);
  return apiKeyOf(Object.fromEntries(lowerCase));
}

/**
 * The caller; null without a key, with which only the schema can be seen.
 * @throws ClvError UNAUTHENTICATED for a key that is unknown or revoked
 */
export async function authenticate(key: string | undefined, apiKeys: ApiKeysService): Promise<Actor | null> {
  if (key === undefined) return null;
  const actor = await apiKeys.authenticate(key);
  if (!actor) throw new ClvError('UNAUTHENTICATED', 'The API key is unknown or was revoked.');
  return actor;
}
