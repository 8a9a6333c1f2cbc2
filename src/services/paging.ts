import { ClvError } from '../errors.js';
import { identity, uuid } from '../id-forms.js';

/** What a keyset cursor is made of: the values that order the list, ending in a unique one. */
export type CursorKey = readonly (string | number | null)[];

const kindChecks = {
  id: (value) => typeof value === 'string' && identity.test(value),
  uuid: (value) => typeof value === 'string' && uuid.test(value),
  /** An instant in UTC, with as many microseconds as it has. */
  exactInstant: isExactInstant,
  exactInstantOrNull: (value) => value === null || isExactInstant(value),
  day: (value) => value === null || (typeof value === 'string' && isInstant(value, 10)),
  text: (value) => typeof value === 'string',
  /** A number as text, which is exact. */
  decimal: (value) => value === null || (typeof value === 'string' && isDecimal(value)),
} as const satisfies Record<string, (value: unknown) => boolean>;

/** A column of instants as text, with the microseconds that a Date would lose. */
export const exactInstant = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

function isExactInstant(value: unknown): boolean {
  return typeof value === 'string' && /^.{10}T.{8}\.\d{6}Z$/.test(value) && isInstant(value, 19);
}

/** Whether the first characters are an instant that exists: JavaScript takes 31 February for 2 March, and accepts years of six digits. */
function isInstant(text: string, characters: number): boolean {
  const start = text.slice(0, characters);
  const time = Date.parse(characters === 10 ? `${text}T00:00:00Z` : `${start}Z`);
  // Postgres has no year 0.
  return !Number.isNaN(time) && /^(?!0000)\d{4}-/.test(start) && new Date(time).toISOString().startsWith(start);
}

/** Whether it is a number that Postgres can keep as `real`, too. */
function isDecimal(text: string): boolean {
  const number = Math.fround(Number(text));
  return (
    /^-?\d{1,20}(\.\d{1,20})?(e[+-]\d{1,2})?$/.test(text) &&
    Number.isFinite(number) &&
    (number !== 0 || Number(text) === 0)
  );
}

/** What one value of a cursor may be. */
export type CursorKind = keyof typeof kindChecks;

export interface PageRequest {
  /** Most items of the page. */
  readonly first: number;
  /** Cursor of the last item of the page before. */
  readonly after?: string | null;
}

export interface Edge<T> {
  readonly node: T;
  readonly cursor: string;
}

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

/** One page in the shape of Relay's cursor connections specification. */
export interface Page<T> {
  readonly edges: readonly Edge<T>[];
  readonly pageInfo: PageInfo;
}

export function encodeCursor(key: CursorKey): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * The key inside a cursor, or undefined for the first page.
 * @throws ClvError BAD_USER_INPUT for a cursor that did not come from the same list
 */
export function decodeCursor(after: string | null | undefined, kinds: readonly CursorKind[]): CursorKey | undefined {
  if (after === null || after === undefined) return undefined;
  const key = parseJson(Buffer.from(after, 'base64url').toString('utf8'));
  const fits = Array.isArray(key) && key.length === kinds.length && kinds.every((kind, i) => kindChecks[kind](key[i]));
  if (fits) return key;
  throw new ClvError(
    'BAD_USER_INPUT',
    'The cursor in "after" is not one of this list. Take it from pageInfo.endCursor of the page before.',
  );
}

/** Makes its cursor only when it is asked for: of most lists only those of `pageInfo` are. */
class RowEdge<Row, T> implements Edge<T> {
  constructor(
    readonly node: T,
    private readonly row: Row,
    private readonly keyOf: (row: Row) => CursorKey,
  ) {}

  get cursor(): string {
    return encodeCursor(this.keyOf(this.row));
  }
}

/** @param rows up to `first + 1` rows after the cursor: the extra one tells that there is a next page */
export function pageOf<T>(rows: readonly T[], request: PageRequest, keyOf: (row: T) => CursorKey): Page<T> {
  return pageOfRows(rows, request, { keyOf, nodeOf: (row) => row });
}

/** A page of rows that have yet to be turned into what the list consists of. */
export function pageOfRows<Row, T>(
  rows: readonly Row[],
  request: PageRequest,
  { keyOf, nodeOf }: { readonly keyOf: (row: Row) => CursorKey; readonly nodeOf: (row: Row) => T },
): Page<T> {
  const edges = rows.slice(0, request.first).map((row) => new RowEdge(nodeOf(row), row, keyOf));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > request.first,
      hasPreviousPage: typeof request.after === 'string',
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
