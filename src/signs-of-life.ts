import type { ChildProcess } from 'node:child_process';

const intervalMs = 10_000;
/** No step of a job or a batch blocks a process for nearly so long. */
const mostSilentMs = 300_000;
/** The message of a forked process to the one that has forked it. */
export const signOfLife = 'alive';

/** Tells the process that has forked this one, every ten seconds, that this one is alive. */
export function giveSignsOfLife(): void {
  setInterval(() => process.send?.(signOfLife, () => undefined), intervalMs).unref();
}

/**
 * Kills a process that gives no sign of life. It counts intervals rather than reading a clock: if this process itself was blocked, it has
 * not yet read what the other one sent meanwhile.
 * @param silentMs how long the process may be silent; by default five minutes
 */
export function killWhenStuck(child: ChildProcess, onKill: () => void, silentMs = mostSilentMs): void {
  // A process that could not be started never exits, so that the watch would never end.
  if (child.pid === undefined) return;
  const checks = 10;
  let missed = 0;
  child.on('message', () => (missed = 0));
  const watchdog = setInterval(() => {
    if (++missed < checks) return;
    onKill();
    child.kill('SIGKILL');
  }, silentMs / checks).unref();
  child.once('exit', () => clearInterval(watchdog));
}
