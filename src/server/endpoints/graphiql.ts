import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Lazy } from '../../lazy.js';

/** Higher levels take many seconds for the last few percent of 9 MB. */
const brotliQuality = 5;

// The lines fit into the editor beside its buttons, in a window 1,280 pixels wide.
const defaultQuery = `# What each customer is worth, and why.
#
# Paste your API key below, under Headers,
# between the quotes. The first start prints
# an administrator's key.
#
# Ctrl-Enter runs the query, Ctrl-Space
# completes it. The book at the left has
# the documentation.

{
  me {
    name
    role
  }
}
`;

const options = {
  title: 'clvgraph',
  // Without an endpoint, the page's own address is used; a given one would be used for subscriptions, too.
  method: 'POST',
  subscriptionsProtocol: 'GRAPHQL_SSE',
  // Passed on to the executor that GraphiQL is built with; not in its declared type.
  // Relative to the page's own address, to which a proxy may have added a prefix.
  subscriptionsEndpoint: 'graphql/stream',
  defaultQuery,
  headers: '{\n  "X-API-Key": ""\n}',
  defaultEditorToolsVisibility: 'headers',
} as const;

interface Page {
  readonly identity: Buffer;
  readonly gzip: Buffer;
  readonly br: Buffer;
  readonly etag: string;
  readonly contentSecurityPolicy: string;
}

type Encoding = 'identity' | 'gzip' | 'br';

const page = new Lazy(renderPage);

/** Whether a browser asks for a page, also with a query in the address, where GraphiQL keeps its own. */
export function wantsGraphiql({ method, headers }: FastifyRequest): boolean {
  return method === 'GET' && (headers.accept ?? '').includes('text/html');
}

/** GraphiQL as one page that loads nothing from elsewhere, made and compressed at the first request. */
export async function sendGraphiql(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const rendered = await page.get();
  const encoding = encodingFor(request.headers['accept-encoding']);
  const etag = `"${rendered.etag}-${encoding}"`;
  void reply
    .header('content-security-policy', rendered.contentSecurityPolicy)
    .header('cache-control', 'no-cache')
    .header('vary', 'accept, accept-encoding')
    .header('etag', etag);
  if (request.headers['if-none-match'] === etag) return reply.code(304).send();
  if (encoding !== 'identity') void reply.header('content-encoding', encoding);
  return reply.type('text/html; charset=utf-8').send(rendered[encoding]);
}

async function renderPage(): Promise<Page> {
  // 9 MB of script, so imported only when somebody opens the page.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const html = renderGraphiQL(options);
  const identity = Buffer.from(html);
  const [zipped, brotli] = await Promise.all([
    promisify(gzip)(identity),
    promisify(brotliCompress)(identity, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
        [constants.BROTLI_PARAM_SIZE_HINT]: identity.length,
      },
    }),
  ]);
  return {
    identity,
    gzip: zipped,
    br: brotli,
    etag: createHash('sha256').update(identity).digest('base64url').slice(0, 22),
    contentSecurityPolicy: policyFor(html),
  };
}

/** The page's own inline script and nothing else; its editors run in workers made from blobs. */
function policyFor(html: string): string {
  const hashes = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${hashes.join(' ')}`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function encodingFor(accepted: string | string[] | undefined): Encoding {
  const offered = String(accepted ?? '');
  if (/\bbr\b/.test(offered)) return 'br';
  return /\bgzip\b/.test(offered) ? 'gzip' : 'identity';
}
