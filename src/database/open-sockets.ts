import { Socket } from 'node:net';
import type { DataSource } from 'typeorm';

/** Open sockets of a data source: of its pool, and of the sessions beside it. */
export type OpenSockets = Set<Socket>;

const socketsOf = new WeakMap<DataSource, OpenSockets>();

/** For the option `stream` of `pg`: makes the socket of a connection, and keeps it in the set while it is open. */
export const openingInto = (sockets: OpenSockets) => (): Socket => {
  const socket = new Socket();
  sockets.add(socket);
  return socket.once('close', () => sockets.delete(socket));
};

export function keepSockets(dataSource: DataSource, sockets: OpenSockets): void {
  socketsOf.set(dataSource, sockets);
}

/** Closes all connections: whatever waits for Postgres fails as with a lost connection. Later connections are new ones. */
export function cutConnections(dataSource: DataSource): void {
  for (const socket of socketsOf.get(dataSource) ?? []) socket.destroy();
}
