import type { Config } from '../../config.js';
import { cancelled } from '../../progress.js';
import { TransientError } from './retries.js';

/** Where models are downloaded from, and kept. */
export type HubSettings = Pick<Config, 'hubEndpoint' | 'hubToken' | 'hubCache'>;

const mostRedirects = 5;
/** Nothing heard for this long is a broken connection. */
const silenceMs = 30_000;

/** Aborts when told to, or when `heard` has not been called for `silenceMs`. */
export class Watch {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;
  readonly signal: AbortSignal;

  constructor(outer: AbortSignal | undefined) {
    this.signal = outer ? AbortSignal.any([outer, this.controller.signal]) : this.controller.signal;
    this.heard();
  }

  heard(): void {
    clearTimeout(this.timer);
    const silence = new TransientError(`nothing was heard for ${silenceMs / 1_000} s`);
    this.timer = setTimeout(() => this.controller.abort(silence), silenceMs).unref();
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

/**
 * One request to the hub, redirects followed: all of them, or those within the hub up to one that describes the file itself, since
 * storage, be it of the hub's own origin, does not know what it should be.
 * The token goes to the hub alone, not to the storage that the hub redirects to.
 * @throws TransientError where the network or the server fails
 */
export async function request(
  url: string,
  { hubToken, hubEndpoint }: HubSettings,
  options: {
    readonly method?: 'GET' | 'HEAD';
    readonly range?: string;
    readonly withinHub?: boolean;
    readonly signal: AbortSignal;
  },
): Promise<Response> {
  let at = new URL(url);
  const hub = new URL(hubEndpoint);
  for (let redirects = 0; ; redirects++) {
    const response = await send(at, {
      method: options.method ?? 'GET',
      redirect: 'manual',
      signal: options.signal,
      headers: {
        'user-agent': 'clvgraph',
        // Compressed, a file would be of another length than the hub says.
        'accept-encoding': 'identity',
        ...(hubToken && isOf(hub, at) ? { authorization: `Bearer ${hubToken}` } : {}),
        ...(options.range ? { range: options.range } : {}),
      },
    });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status > 399 || location === null) return checked(response);
    if (!URL.canParse(location, at.href))
      throw new TransientError(`${url} is redirected to something that is not an address`);
    const next = new URL(location, at);
    if (options.withinHub && (!isOf(hub, next) || response.headers.has('x-linked-etag'))) return response;
    await response.body?.cancel();
    if (redirects >= mostRedirects) throw new TransientError(`${url} is redirected without end`);
    at = next;
  }
}

/** Many a server that is asked without encryption answers only that it is to be asked with it. */
function isOf(hub: URL, { origin, protocol, host }: URL): boolean {
  return origin === hub.origin || (protocol === 'https:' && host === hub.host);
}

async function send(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw asTransient(error, init.signal ?? undefined);
  }
}

/** What `fetch` and its body throw, in words; a cancellation stays what it is. */
export function asTransient(error: unknown, signal: AbortSignal | undefined): Error {
  if (signal?.aborted) return signal.reason instanceof Error ? signal.reason : cancelled();
  const { message, cause } = error as Error;
  const { code, message: detail } = (cause ?? {}) as { code?: string | number; message?: string };
  return new TransientError((typeof code === 'string' ? code : detail) ?? message, 0, { cause: error });
}

async function checked(response: Response): Promise<Response> {
  const { status } = response;
  if (status < 500 && status !== 429 && status !== 408) return response;
  await response.body?.cancel();
  throw new TransientError(`it answered with status ${status}`, secondsToWait(response.headers.get('retry-after')));
}

/** Seconds, or an instant, as RFC 9110 section 10.2.3 has it. */
function secondsToWait(retryAfter: string | null): number {
  if (retryAfter === null) return 0;
  const seconds = Number(retryAfter);
  const wait = Number.isFinite(seconds) ? seconds : (Date.parse(retryAfter) - Date.now()) / 1_000;
  return Math.max(wait, 0) || 0;
}
