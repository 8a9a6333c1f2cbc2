import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

export const commit = '0123456789abcdef0123456789abcdef01234567';

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

/** What goes wrong. Each is asked once a request; undefined is no fault. */
interface Faults {
  /** Status, in place of an answer of the hub itself. */
  status?: (seen: Seen) => { status: number; headers?: Record<string, string> } | undefined;
  /** Bytes of a body of the storage after which the connection is cut. */
  cutAfter?: (seen: Seen) => number | undefined;
  /** Whether the storage ignores ranges. */
  ignoresRange?: boolean;
  /** Whether the hub knows GET only. */
  refusesHead?: boolean;
  /** In place of the commit that the revision stands for. */
  commit?: string;
  /** Whether the hub is a plain file server, whose tags are made of time and length, all of the same time. */
  isPlain?: boolean;
  /** Whether small files come without their size, and go on without end behind what `corrupt` gives. */
  endless?: boolean;
  /** Sent as the encoding of small files. */
  encoding?: string;
  /** Changes a body on the way. */
  corrupt?: (file: string, content: Buffer) => Buffer;
}

/**
 * The hub's paths over two servers on two origins: `/<model>/resolve/<revision>/<file>` at the hub, which sends small
 * files itself and redirects to the storage for weights, with the headers that the public hub sends.
 */
export class HubServer {
  readonly hubSeen: Seen[] = [];
  readonly storageSeen: Seen[] = [];
  faults: Faults = {};

  readonly endpoint: string;
  private readonly storageAddress: string;

  private constructor(
    private readonly files: ReadonlyMap<string, Buffer>,
    private readonly model: string,
    private readonly hub: Server,
    private readonly storage: Server,
  ) {
    this.endpoint = addressOf(hub);
    this.storageAddress = addressOf(storage);
    hub.on('request', (request, response) => this.answerAsHub(request, response));
    storage.on('request', (request, response) => this.answerAsStorage(request, response));
  }

  /** Serves the files of a folder as those of one model. */
  static async start(folder: string, model = 'acme/tiny'): Promise<HubServer> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const names = entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
    const files = new Map(
      await Promise.all(names.map(async (name) => [name, await readFile(path.join(folder, name))] as const)),
    );
    const servers = [createServer(), createServer()] as const;
    await Promise.all(
      servers.map((server) => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))),
    );
    return new HubServer(files, model, ...servers);
  }

  async stop(): Promise<void> {
    for (const server of [this.hub, this.storage]) {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    }
  }

  private answerAsHub(request: IncomingMessage, response: ServerResponse): void {
    const seen = seenOf(request);
    this.hubSeen.push(seen);
    const fault = this.faults.status?.(seen);
    if (fault) return void response.writeHead(fault.status, fault.headers).end();
    if (seen.method === 'HEAD' && this.faults.refusesHead) return void response.writeHead(405).end();
    const [, model, revision, name] = /^\/(.+)\/resolve\/([^/]+)\/(.+)$/.exec(seen.path) ?? [];
    if (model !== this.model) return void response.writeHead(401, { 'x-error-code': 'RepoNotFound' }).end();
    if (revision !== 'main' && revision !== commit) {
      return void response.writeHead(404, { 'x-error-code': 'RevisionNotFound' }).end();
    }
    const content = this.files.get(name ?? '');
    if (!content) return void response.writeHead(404, { 'x-error-code': 'EntryNotFound' }).end();
    if (this.faults.isPlain) {
      const headers = { etag: `"654f3a10-${content.length.toString(16)}"`, 'content-length': String(content.length) };
      return void response.writeHead(200, headers).end(content);
    }
    const large = /\.(safetensors|onnx)$/.test(name ?? '');
    const etag = large
      ? createHash('sha256').update(content).digest('hex')
      : createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
    const headers = { 'x-repo-commit': this.faults.commit ?? commit, etag: `"${etag}"` };
    if (large) {
      response.writeHead(302, {
        ...headers,
        location: `${this.storageAddress}/blob/${name}?signature=abc`,
        'x-linked-etag': `"${etag}"`,
        'x-linked-size': String(content.length),
      });
      return void response.end();
    }
    const body = this.faults.corrupt?.(name ?? '', content) ?? content;
    const { endless, encoding } = this.faults;
    response.writeHead(200, {
      ...headers,
      ...(encoding && { 'content-encoding': encoding }),
      ...(!endless && { 'content-length': String(seen.method === 'HEAD' ? content.length : body.length) }),
    });
    if (!endless || seen.method === 'HEAD') return void response.end(body);
    const more = () => response.write(Buffer.alloc(1 << 20), () => !response.destroyed && more());
    more();
  }

  private answerAsStorage(request: IncomingMessage, response: ServerResponse): void {
    const seen = seenOf(request);
    this.storageSeen.push(seen);
    const name = new URL(seen.path, 'http://storage').pathname.replace('/blob/', '');
    const original = this.files.get(name) ?? Buffer.alloc(0);
    const content = this.faults.corrupt?.(name, original) ?? original;
    const from = this.faults.ignoresRange ? 0 : Number(/^bytes=(\d+)-$/.exec(seen.range ?? '')?.[1] ?? 0);
    const body = content.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, {
      'content-length': String(body.length),
      ...(from > 0 && { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` }),
    });
    const cut = this.faults.cutAfter?.(seen);
    if (cut === undefined) return void response.end(body);
    response.write(body.subarray(0, cut), () => setTimeout(() => response.destroy(), 20));
  }
}

function seenOf({ method = '', url = '', headers }: IncomingMessage): Seen {
  return { method, path: url, range: headers.range, authorization: headers.authorization };
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
