import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ClvError } from '../../errors.js';
import type { HubFile } from './hub-files.js';
import { asTransient, type HubSettings, request, Watch } from './hub-request.js';
import { retried, type RetryPolicy, TransientError } from './retries.js';

interface DownloadOptions {
  /** Bytes that the file may have, whatever is announced. */
  readonly most: number;
  readonly retries: RetryPolicy;
  readonly signal: AbortSignal | undefined;
  /** Bytes that are there by now, those of earlier attempts included. */
  readonly onBytes: (bytes: number) => void | Promise<void>;
}

/**
 * Brings a file to `target`, which appears only when it is whole and its checksum is right. What a broken attempt left
 * in `<target>.incomplete` is gone on with, also by another process: two at once write the same bytes to the same
 * places.
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
    // A slow line that breaks every minute still gets there.
    progressed,
  );
  try {
    await verify(file, partial);
    await rename(partial, target);
  } catch (error) {
    // Another process was done first.
    if (!(await isWhole(file, target))) throw error;
  }
}

/** Whether a finished download of the file lies there. */
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
  // A file without content needs to be made, too.
  if (present > 0 && present === file.size) return;
  const most = Math.min(file.size ?? Infinity, limits.most);
  // More than there should be cannot be the beginning of it.
  const from = present > most ? 0 : present;
  if (from < present) await rm(partial, { force: true });
  const watch = new Watch(signal);
  // Never cut short: another process may have written further already.
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

/** Where the body belongs: a server that cannot resume sends everything again. */
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

/** @returns where the body ends; beyond `most`, where it goes further than that and was left */
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

/** A disk that has room for a part of the bytes takes that, and fails only at the next ones. */
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

/** What is wrong is thrown away, so that the next attempt starts afresh. */
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

/** 0 for a file that is not there. */
async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
