import { clamp } from '../math.js';
import { usableMemory } from '../memory.js';

const mib = 1_048_576;

/** Options of the embedded Postgres, as an argument of pg_ctl. */
export function serverOptions(socketFolder: string): string {
  return [
    `-k ${quoted(listItem(socketFolder))}`,
    ...[
      'listen_addresses=',
      'jit=off',
      `shared_buffers=${sharedBuffersMb()}MB`,
      'max_wal_size=4GB',
      // Solid-state disks read a random page about as fast as the next one; with the default, batches of customers read whole tables.
      'random_page_cost=1.1',
      // Some 15 for each of up to 30 processes; an unused one costs a few kilobytes.
      'max_connections=500',
      // Nothing replicates from it, and tables made in the transaction that fills them need no log.
      'wal_level=minimal',
      'max_wal_senders=0',
      // Details would quote values of refused rows, such as names, in the log, which erasures do not reach.
      'log_error_verbosity=terse',
      // Two lines every five minutes, in a file that nothing rotates.
      'log_checkpoints=off',
    ].map((setting) => `-c ${setting}`),
  ].join(' ');
}

/** A folder as an item of a list, whose separator is the comma. */
function listItem(path: string): string {
  return `"${path.replaceAll('"', '""')}"`;
}

/** Quoted for the shell that pg_ctl hands options to. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

/** An eighth of the memory, from 256 MB to 1 GB, since Postgres shares the machine or container with training and scoring. */
function sharedBuffersMb(): number {
  return clamp(Math.floor(usableMemory() / mib / 8), 256, 1_024);
}
