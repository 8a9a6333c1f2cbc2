import { clamp } from '../math.js';
import { usableMemory } from '../memory.js';

const mib = 1_048_576;

/** What the embedded Postgres is started with, as pg_ctl takes it. */
export function serverOptions(socketFolder: string): string {
  return [
    `-k ${quoted(listItem(socketFolder))}`,
    ...[
      'listen_addresses=',
      'jit=off',
      `shared_buffers=${sharedBuffersMb()}MB`,
      'max_wal_size=4GB',
      // Disks of today find a page as fast as the next one; by the default, batches of customers read whole tables.
      'random_page_cost=1.1',
      // Some 15 for each of up to 30 processes; what is not used costs a few kilobytes.
      'max_connections=500',
      // Nothing replicates from it, and tables made in the transaction that fills them need no log.
      'wal_level=minimal',
      'max_wal_senders=0',
      // Details quote the values of rows that are refused, such as names, and an erasure does not know the log.
      'log_error_verbosity=terse',
    ].map((setting) => `-c ${setting}`),
  ].join(' ');
}

/** Of a list of folders, which have commas between them. */
function listItem(path: string): string {
  return `"${path.replaceAll('"', '""')}"`;
}

/** For the shell to which pg_ctl hands options on. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

/** An eighth of the memory, from 256 MB to 1 GB: Postgres shares the machine or container with whoever trains and scores. */
function sharedBuffersMb(): number {
  return clamp(Math.floor(usableMemory() / mib / 8), 256, 1_024);
}
