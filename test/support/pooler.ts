import { once } from 'node:events';
import { type AddressInfo, createServer, Socket } from 'node:net';
import pg from 'pg';
import { createDataSource } from '../../src/database/data-source.js';
import { poolOf } from '../../src/database/pool.js';

/** When a client gives its session back: at its end, or whenever it is in no transaction. */
type PoolMode = 'session' | 'transaction';

interface Pooler extends AsyncDisposable {
  /** Of the same database. */
  readonly url: string;
}

/** AuthenticationOk; BackendKeyData, made up; ReadyForQuery, idle. */
const startupReply = Buffer.from('5200000008000000004b0000000c7f010203040506075a0000000549', 'hex');
const readyForQuery = 0x5a;
const terminate = 0x58;
const idle = 0x49;

/** What pgbouncer does with sessions of Postgres, in as little as these tests need: no passwords, no encryption. */
export async function startPooler(url: string, mode: PoolMode): Promise<Pooler> {
  const free: Socket[] = [];
  const all: Socket[] = [];
  const takeSession = async (): Promise<Socket> => {
    const known = free.pop();
    if (known) return known;
    const made = await openSession(url);
    all.push(made);
    return made;
  };
  const server = createServer((client) => {
    let session: Promise<Socket> | undefined;
    const release = (taken: Socket): void => {
      taken.removeAllListeners('data');
      session = undefined;
      free.push(taken);
    };
    const take = async (): Promise<Socket> => {
      const taken = await takeSession();
      const watch = messages((type, message) => {
        client.write(message);
        if (mode === 'transaction' && type === readyForQuery && message.at(-1) === idle) release(taken);
      });
      taken.on('data', watch);
      return taken;
    };
    client.once('data', () => {
      client.write(startupReply);
      const forward = messages((type, message) => {
        if (type !== terminate) void (session ??= take()).then((taken) => taken.write(message));
      });
      client.on('data', forward);
    });
    client.on('error', () => undefined);
    client.on('close', () => void session?.then((taken) => taken.destroy()));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const database = /\/([^/?]*)(?:\?|$)/.exec(url.replace(/^.*@/, ''))![1];
  return {
    url: `postgres://anyone@127.0.0.1:${port}/${database}`,
    async [Symbol.asyncDispose]() {
      for (const socket of all) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A connection that has been let in, as its bare socket. */
async function openSession(url: string): Promise<Socket> {
  const dataSource = createDataSource({ url, poolSize: 1 });
  const { options } = poolOf(await dataSource.initialize());
  await dataSource.destroy();
  const socket = new Socket();
  const client = new pg.Client({ ...options, stream: () => socket });
  await client.connect();
  socket.removeAllListeners();
  socket.on('error', () => undefined);
  return socket;
}

/** Cuts a stream of the protocol into its messages: a byte of type, four of length, the rest. */
function messages(onMessage: (type: number, message: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5) {
      const length = 1 + rest.readUInt32BE(1);
      if (rest.length < length) return;
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      onMessage(message[0]!, message);
    }
  };
}
