import { getPriority, setPriority } from 'node:os';

/** How far the priority of other processes is below the API's, so that whoever asks for what is stored does not wait for them. */
export const niceness = { inference: 5, worker: 10 } as const;

/** Gives this process that priority, unless it has a lower one already, which it could not raise. */
export function lowerPriority(to: number): void {
  if (getPriority() < to) setPriority(to);
}
