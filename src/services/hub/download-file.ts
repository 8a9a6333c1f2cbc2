import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ClvError } from '../../errors.js';
import type { HubFile } from './hub-files.js';
import { asTransient, type HubSettings, request, Watch } from './hub-request.js';
import { retried, type RetryPolicy, TransientError } from './retries.js';

interface DownloadOptions {
  /** Most bytes that the file may have, whatever its announced size. */
  readonly most: number;
  readonly retries: RetryPolicy;
  readonly signal: AbortSignal | undefined;
  /** Called with the number of bytes so far, earlier attempts included. */
  readonly onBytes: (bytes: number) => void | Promise<void>;
}

/**
 * Downloads a file to `target`, which appears only when it is complete and its checksum is right. A broken download in
 * `<target>.incomplete` is resumed, also by another process: two at a time write the same bytes to the same places.
 * @throws ClvError CHECKPOINT_INVALID for a wrong size, checksum or encoding; TransientError
 */
export async function downloadFile(
  settings: HubSettings,
  file: HubFile,
  target: string,
  options: DownloadOptions,
): Promise<void> {
  const partial = `${target}.incomplete`;
  await mkdir(path.dirname(target), { recursive: true });
  let furthest = await sizeOf(partial);
  let reached = furthest;
  const progressed = () => {
    const further = reached > furthest;
    furthest = Math.max(reached, furthest);
    return further;
  };
  const onBytes = async (bytes: number) => {
    reached = bytes;
    await options.onBytes(bytes);
  };
  await retried(
    options.retries,
    options.signal,
    () => fetchRest(settings, file, partial, { ...options, onBytes }),
    // Progress resets the count of failures, so that a slow line that breaks every minute still succeeds.
    progressed,
  );
  try {
    await verify(file, partial);
    await rename(partial, target);
  } catch (error) {
    // Another process may have finished first.
    if (!(await isWhole(file, target))) throw error;
  }
}

/** Whether `target` is a finished download of the file. */
export async function isWhole(file: HubFile, target: string): Promise<boolean> {
  const size = await stat(target).then(
    (found) => found.size,
    () => undefined,
  );
  return size !== undefined && (file.size === undefined || file.size === size);
}

async function fetchRest(
  settings: HubSettings,
  file: HubFile,
  partial: string,
  { signal, onBytes, ...limits }: DownloadOptions,
): Promise<void> {
  const present = await sizeOf(partial);
  // An empty file must be created, too.
  if (present > 0 && present === file.size) return;
  const most = Math.min(file.size ?? Infinity, limits.most);
  // A longer file cannot be the beginning of it.
  const from = present > most ? 0 : present;
  if (from < present) await rm(partial, { force: true });
  const watch = new Watch(signal);
  // Not truncated, since another process may have written more already.
  const handle = await open(partial, constants.O_RDWR | constants.O_CREAT);
  try {
    const range = from > 0 ? { range: `bytes=${from}-` } : {};
    const response = await request(file.url, settings, { ...range, signal: watch.signal });
    const start = await startOf(response, file, from, partial);
    const end = await writeBody(response, handle, { start, most }, watch, onBytes);
    if (end > most) {
      await rm(partial, { force: true });
      throw damaged(file, `it has more than ${most} bytes`);
    }
    const size = file.size ?? announcedEnd(response, start);
    if (size !== undefined && end < size) throw new TransientError(`the connection was cut at byte ${end} of ${size}`);
    await handle.truncate(end);
  } finally {
    watch.stop();
    await handle.close();
  }
}

/** The position of the body in the file; 0 from a server that cannot resume. */
async function startOf(response: Response, file: HubFile, from: number, partial: string): Promise<number> {
  const encoding = response.headers.get('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    await response.body?.cancel();
    throw damaged(file, `it comes in the encoding ${JSON.stringify(encoding)}, which was not asked for`);
  }
  if (response.status === 206) {
    const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
    if (Number(start ?? from) === from) return from;
  }
  if (response.status === 200) return 0;
  await response.body?.cancel();
  if (response.status === 206 || response.status === 416) {
    await rm(partial, { force: true });
    throw new TransientError('the rest of the file was refused');
  }
  throw new ClvError('NOT_FOUND', `${file.url} is announced, but answers with status ${response.status}.`);
}

/** @returns the position where the body ends; larger than `most` if it was longer than that, and reading was stopped */
async function writeBody(
  response: Response,
  handle: FileHandle,
  { start, most }: { readonly start: number; readonly most: number },
  watch: Watch,
  onBytes: DownloadOptions['onBytes'],
): Promise<number> {
  let position = start;
  await onBytes(position);
  if (!response.body) return position;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw asTransient(error, watch.signal);
    });
    if (done) return position;
    watch.heard();
    if (position + value.length > most) {
      await reader.cancel();
      return position + value.length;
    }
    await writeWhole(handle, value, position);
    position += value.length;
    await onBytes(position);
  }
}

/** Writes all bytes: with little room left, a write may take only some of them, and only the next one fails. */
async function writeWhole(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

function announcedEnd({ headers }: Response, start: number): number | undefined {
  const length = headers.get('content-length');
  return length === null ? undefined : start + Number(length);
}

/** Checks size and checksum. A wrong file is removed, so that the next attempt starts from the beginning. */
async function verify(file: HubFile, partial: string): Promise<void> {
  const { size, sha256 } = file;
  const found = await sizeOf(partial);
  const isLong = size === undefined || found === size;
  const digest = sha256 === undefined || !isLong ? sha256 : await sha256Of(partial);
  if (isLong && digest === sha256) return;
  await rm(partial, { force: true });
  throw damaged(
    file,
    digest === sha256 ? `it has ${found} bytes instead of ${size}` : `its SHA-256 is ${digest} instead of ${sha256}`,
  );
}

function damaged({ name, url }: HubFile, difference: string): ClvError {
  return new ClvError(
    'CHECKPOINT_INVALID',
    `${name} from ${url} is damaged: ${difference}. It was deleted; try again, or use another HF_ENDPOINT.`,
  );
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Size of a file; 0 if it does not exist. */
async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
