import type { RunningServer } from './server-process.js';

/** Servers that are stopped together, also where a later one does not start: one left running keeps this process from ending. */
export class Servers implements AsyncDisposable {
  private readonly running: RunningServer[] = [];

  async add<T extends RunningServer>(starting: Promise<T>): Promise<T> {
    const server = await starting;
    this.running.push(server);
    return server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.running) await server.stop();
  }
}
