import { pino, type DestinationStream } from 'pino';

const ignored = (): void => undefined;

/** Standard output (1) or error (2) for log lines. With a full disk, or if the reader has gone, lines are lost, but the process goes on. */
export function logDestination(descriptor: number): DestinationStream {
  const opened = () => {
    const destination = pino.destination({ dest: descriptor, sync: true });
    // After an error it is replaced: it would keep what it cannot write, in memory without a limit.
    return destination.on('error', () => (current = opened()));
  };
  let current = opened();
  return { write: (line) => current.write(line) };
}

/** Goes on without standard output and standard error if nobody reads them: Node would end the process at the second line. */
export function goOnWithoutOutputs(): void {
  for (const output of [process.stdout, process.stderr]) output.on('error', ignored);
}
