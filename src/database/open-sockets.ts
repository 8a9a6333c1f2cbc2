import { Socket } from 'node:net';
import type { DataSource } from 'typeorm';

/** Those of a data source: of its pool, and of the sessions beside it. */
export type OpenSockets = Set<Socket>;

const socketsOf = new WeakMap<DataSource, OpenSockets>();

/** What `pg` takes as its option `stream`: makes a connection's socket, and keeps it in the set while it is open. */
export const openingInto = (sockets: OpenSockets) => (): Socket => {
  const socket = new Socket();
  sockets.add(socket);
  return socket.once('close', () => sockets.delete(socket));
};

export function keepSockets(dataSource: DataSource, sockets: OpenSockets): void {
  socketsOf.set(dataSource, sockets);
}

/** Whatever waits for Postgres then fails as by a lost connection. Connections that are asked for later are new ones. */
export function cutConnections(dataSource: DataSource): void {
  for (const socket of socketsOf.get(dataSource) ?? []) socket.destroy();
}
