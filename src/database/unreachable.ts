import { reasonOf } from '../errors.js';
import { isOfEmbedded } from './embedded-postgres.js';

type Remedies = readonly (readonly [sign: RegExp, remedy: string])[];

const remedies: Remedies = [
  [
    /certificate/i,
    'Add sslrootcert=<file with the certificate of its authority> to DATABASE_URL, or sslmode=no-verify to encrypt without checking who answers.',
  ],
  [
    /too many (connections|clients)|connection slots are reserved/,
    'Raise its max_connections or the limit of the role, or lower CLVGRAPH_WORKERS or CLVGRAPH_DATABASE_POOL.',
  ],
  [/no space left on device/i, 'The disk of Postgres is full: make room there.'],
  [/no encryption/, 'Where it is about encryption: add ?sslmode=verify-full to DATABASE_URL.'],
  [
    /invalid url|uri malformed/i,
    'DATABASE_URL is postgres://user:password@host:port/database, with one host, and what is special in a URL as its code: %40 for @, %2F for /, %23 for #, %25 for %.',
  ],
];

const remediesOfEmbedded: Remedies = [
  [/too many clients|connection slots are reserved/, 'Lower CLVGRAPH_WORKERS or CLVGRAPH_DATABASE_POOL.'],
  [/no space left on device/i, 'The disk of CLVGRAPH_DATA_DIR is full: make room there.'],
];

/** Why no connection could be made with this URL, and what to do about it. */
export function whyUnreachable(cause: unknown, url: string): { readonly found: string; readonly remedy: string } {
  const reason = reasonOf(cause);
  const embedded = isOfEmbedded(url);
  const special = (embedded ? remediesOfEmbedded : remedies).find(([sign]) => sign.test(reason));
  const usual = embedded
    ? 'It is the embedded one, which clvgraph start starts again within seconds. Where it does not come back, ' +
      'postgres/data/server.log in CLVGRAPH_DATA_DIR says why.'
    : 'Check that DATABASE_URL names a running server, an existing database and a user that may connect.';
  return { found: `does not answer: ${reason}`, remedy: special?.[1] ?? usual };
}
