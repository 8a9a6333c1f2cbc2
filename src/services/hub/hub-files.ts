import { createHash } from 'node:crypto';
import { ClvError } from '../../errors.js';
import type { HubModelName } from './model-name.js';
import { type HubSettings, request, Watch } from './hub-request.js';
import { retried, type RetryPolicy } from './retries.js';

/** A file of a model, as the hub describes it. */
export interface HubFile {
  readonly name: string;
  readonly url: string;
  /** Commit that the revision stands for; undefined where a mirror does not say. Safe as a folder's name. */
  readonly commit: string | undefined;
  /**
   * Identifies the content: SHA-256 for large files, the Git object's SHA-1 for others; for a server with neither, made from the file. Safe
   * as a file's name.
   */
  readonly etag: string;
  /** SHA-256 of the content, in hexadecimal, if the hub gives it. */
  readonly sha256: string | undefined;
  /** Bytes; undefined where the hub does not say. */
  readonly size: number | undefined;
}

/**
 * Asks the hub for a file's size and checksum: `HEAD /<model>/resolve/<revision>/<file>`.
 * @returns undefined where the model has no such file
 * @throws ClvError NOT_FOUND for an unknown model or revision, FORBIDDEN for one that needs a token; TransientError
 */
export async function describeFile(
  settings: HubSettings,
  { id, revision }: HubModelName,
  name: string,
  { retries, signal }: { readonly retries: RetryPolicy; readonly signal: AbortSignal | undefined },
): Promise<HubFile | undefined> {
  const base = settings.hubEndpoint.replace(/\/+$/, '');
  const inUrl = name
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
  const url = `${base}/${id}/resolve/${encodeURIComponent(revision)}/${inUrl}`;
  const { status, headers } = await retried(retries, signal, () => head(url, settings, signal));
  if (status === 404 && !isUnknownModel(headers)) return undefined;
  if (status >= 400) throw refusal(settings, { id, revision }, status, headers);
  return { name, url, commit: commitOf(headers), ...contentOf(url, headers, status) };
}

async function head(url: string, settings: HubSettings, signal: AbortSignal | undefined): Promise<Response> {
  const watch = new Watch(signal);
  try {
    const options = { withinHub: true, signal: watch.signal };
    const response = await request(url, settings, { ...options, method: 'HEAD' });
    if (response.status !== 405 && response.status !== 501) return response;
    // A plain file server may not support HEAD.
    const whole = await request(url, settings, options);
    await whole.body?.cancel();
    return whole;
  } finally {
    watch.stop();
  }
}

function commitOf(headers: Headers): string | undefined {
  const commit = headers.get('x-repo-commit') ?? '';
  return /^\w+$/.test(commit) ? commit : undefined;
}

/** SHA-1 or SHA-256. The ETags of plain file servers are made of time and length, which may be the same for two files. */
const isHash = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;

function contentOf(url: string, headers: Headers, status: number): Pick<HubFile, 'etag' | 'sha256' | 'size'> {
  const tag = (headers.get('x-linked-etag') ?? headers.get('etag') ?? '').replace(/^W\//, '').replaceAll('"', '');
  const isRedirect = status >= 300;
  const length = headers.get('x-linked-size') ?? (isRedirect ? null : headers.get('content-length')) ?? '';
  return {
    etag: isHash.test(tag) ? tag : createHash('sha256').update(`${url} ${tag}`).digest('hex'),
    sha256: /^[0-9a-f]{64}$/i.test(tag) ? tag.toLowerCase() : undefined,
    // Without one, a file may have as many bytes as are allowed; NaN would allow any number of them.
    size: /^\d+$/.test(length) ? Number(length) : undefined,
  };
}

/** Whether the model or revision is unknown, rather than the file, which may be missing: weights are in one file or in several. */
function isUnknownModel(headers: Headers): boolean {
  return ['RepoNotFound', 'RevisionNotFound'].includes(headers.get('x-error-code') ?? '');
}

function refusal(settings: HubSettings, { id, revision }: HubModelName, status: number, headers: Headers): ClvError {
  const code = headers.get('x-error-code');
  if (code === 'RevisionNotFound') {
    return new ClvError('NOT_FOUND', `${id} has no revision ${revision} at ${settings.hubEndpoint}.`);
  }
  // The hub answers 401 also for models that do not exist, in order not to reveal private ones.
  if (code === 'RepoNotFound') return unknownModel(settings, id);
  if (status !== 401 && status !== 403) {
    return new ClvError(
      'HUB_UNAVAILABLE',
      `${settings.hubEndpoint} answers with status ${status} where ${id} should be. Check HF_ENDPOINT, or name a folder.`,
    );
  }
  const mend =
    settings.hubToken === undefined
      ? 'Set HF_TOKEN to a token that may read it.'
      : 'The token in HF_TOKEN may not read it: its owner must grant access.';
  return new ClvError('FORBIDDEN', `${settings.hubEndpoint} does not provide ${id} (status ${status}). ${mend}`);
}

export function unknownModel({ hubEndpoint, hubToken }: HubSettings, id: string): ClvError {
  return new ClvError(
    'NOT_FOUND',
    `There is no folder ${id} here, and no model of that name at ${hubEndpoint}. Give a folder in Hugging Face ` +
      'layout, or a name as the hub has it, owner/name' +
      (hubToken === undefined ? '; for one that is not public, set HF_TOKEN.' : '.'),
  );
}
