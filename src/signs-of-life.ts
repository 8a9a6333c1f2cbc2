import type { ChildProcess } from 'node:child_process';

const intervalMs = 10_000;
/** No step of a job or a batch holds a process up for nearly so long. */
const mostSilentMs = 300_000;
/** What a process that was forked sends to the one that has forked it. */
export const signOfLife = 'alive';

/** Tells the process that has forked this one, every ten seconds, that this one is alive. */
export function giveSignsOfLife(): void {
  setInterval(() => process.send?.(signOfLife, () => undefined), intervalMs).unref();
}

/**
 * Kills a process that gives no sign of life.
 * By counting: were this process held up itself, what the other sent meanwhile would not have been read yet.
 * @param silentMs that it is given: five minutes
 */
export function killWhenStuck(child: ChildProcess, onKill: () => void, silentMs = mostSilentMs): void {
  // One that could not be started has no end, either, at which the watch would end.
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
