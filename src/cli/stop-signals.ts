import { constants } from 'node:os';

type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** A second signal within this time is the first one again: both the terminal and npm send it. */
const sameSignalMs = 500;

let first: StopSignal | undefined;

/**
 * Calls `stop` at the first signal by which the process is told to stop; another one ends the process at once. When this is disposed
 * of, signals do what they did before.
 * @param signals without SIGHUP for commands that `nohup` is to keep alive when their terminal is closed
 */
export function onStopSignal(stop: () => void, signals: readonly StopSignal[] = ['SIGINT', 'SIGTERM']): Disposable {
  let toldAt: number | undefined;
  const told = (signal: StopSignal): void => {
    if (toldAt === undefined) {
      toldAt = performance.now();
      first = signal;
      stop();
    } else if (performance.now() - toldAt > sameSignalMs) process.exit(statusOf(signal));
  };
  for (const signal of signals) process.on(signal, told);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, told);
    },
  };
}

/** Exit status of a command that has failed: that of shells if it was told to stop (130 by Ctrl+C, 143 by SIGTERM), else 1. */
export const failureStatus = (): number => (first ? statusOf(first) : 1);

const statusOf = (signal: StopSignal): number => 128 + constants.signals[signal];
