import type { Config } from '../../config.js';
import { cancelled } from '../../progress.js';
import { TransientError } from './retries.js';

/** Where models are downloaded from and stored. */
export type HubSettings = Pick<Config, 'hubEndpoint' | 'hubToken' | 'hubCache'>;

const mostRedirects = 5;
/** A connection that is silent for this long counts as broken. */
const silenceMs = 30_000;

/** Aborts with the given signal, or when `heard` has not been called for `silenceMs`. */
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
 * One request to the hub. It follows all redirects, or only those within the hub up to the answer that describes the file: storage, even of
 * the hub's own origin, does not know the file's checksum. The token is sent to the hub only, not to storage that it redirects to.
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
        // A compressed file would have another length than the hub says.
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

/** Whether a URL is the hub's. HTTPS on the same host is, too, since many servers redirect HTTP to it. */
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

/** An error of `fetch` or of reading its body as TransientError; a cancellation stays as it is. */
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

/** Seconds of a Retry-After header, which has seconds or an instant (RFC 9110, section 10.2.3). */
function secondsToWait(retryAfter: string | null): number {
  if (retryAfter === null) return 0;
  const seconds = Number(retryAfter);
  const wait = Number.isFinite(seconds) ? seconds : (Date.parse(retryAfter) - Date.now()) / 1_000;
  return Math.max(wait, 0) || 0;
}
