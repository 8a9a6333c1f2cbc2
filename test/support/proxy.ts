import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { DataSource } from 'typeorm';
import { createClient } from '../../src/database/pool.js';

export interface Proxy extends AsyncDisposable {
  /** Of the same database. */
  readonly url: string;
  /** From now on nothing passes, and nobody is told: as where packets are dropped. */
  vanish(): void;
  comeBack(): void;
}

/** Stands between Postgres and those who come by its URL. */
export async function startProxy(dataSource: DataSource): Promise<Proxy> {
  const { host, port, user, password, database } = createClient(dataSource, 10_000);
  const sockets: Socket[] = [];
  let isThere = true;
  const forward = (from: Socket, to: Socket): void => {
    sockets.push(from);
    from.on('data', (data) => isThere && to.write(data));
    from.on('error', () => undefined);
    from.on('close', () => isThere && to.destroy());
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const postgres = host?.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host);
    forward(client, postgres);
    forward(postgres, client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  const who = [user, password].flatMap((part) => (typeof part === 'string' ? encodeURIComponent(part) : [])).join(':');
  return {
    url: `postgres://${who}@127.0.0.1:${own}/${database}`,
    vanish: () => void (isThere = false),
    comeBack: () => void (isThere = true),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
