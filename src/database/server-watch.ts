import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { cutConnections } from './open-sockets.js';
import { openClient } from './pool.js';

/** In milliseconds. */
export interface WatchTimes {
  readonly askEvery: number;
  /** How long an answer may take: long enough for a busy machine. */
  readonly patience: number;
}

const usualTimes: WatchTimes = { askEvery: 10_000, patience: 45_000 };

/**
 * Cuts the data source's connections when its server has vanished without closing them. Keep-alives notice that only on a connection that
 * waits for an answer: while something is sent, such as the rows of a file, TCP waits a quarter of an hour for the acknowledgement, and a
 * proxy acknowledges whatever it receives. Therefore a session of its own asks the server regularly; other statements may take any time.
 */
export async function watchServer(
  dataSource: DataSource,
  { askEvery, patience }: WatchTimes = usualTimes,
): Promise<AsyncDisposable> {
  const session = await openClient(dataSource, patience);
  const cut = (): void => cutConnections(dataSource);
  session.once('end', cut);
  const ask = async (): Promise<never> => {
    for (;;) {
      await session.query('select 1');
      await sleep(askEvery, undefined, { ref: false });
    }
  };
  void ask().catch(() => session.end());
  return {
    async [Symbol.asyncDispose]() {
      session.off('end', cut);
      await session.end();
    },
  };
}
