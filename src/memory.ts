import { totalmem } from 'node:os';
import { constrainedMemory } from 'node:process';

/** Bytes that this process may use: the memory of the machine, or of the container. */
export function usableMemory(): number {
  const limit = constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
