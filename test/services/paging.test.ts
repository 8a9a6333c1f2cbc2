import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor, pageOf } from '../../src/services/paging.js';

describe('a page', () => {
  const rows = [{ id: '5' }, { id: '4' }, { id: '3' }];

  it('is cut to its size; the row too many tells that there is more', () => {
    const { edges, pageInfo } = pageOf(rows, { first: 2 }, ({ id }) => [id]);
    expect(edges.map(({ node, cursor }) => ({ node, cursor }))).toEqual([
      { node: { id: '5' }, cursor: encodeCursor(['5']) },
      { node: { id: '4' }, cursor: encodeCursor(['4']) },
    ]);
    expect(pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: encodeCursor(['5']),
      endCursor: encodeCursor(['4']),
    });
  });

  it('that is the last, or empty, says so', () => {
    const after = encodeCursor(['6']);
    expect(pageOf(rows, { first: 3, after }, ({ id }) => [id]).pageInfo).toMatchObject({
      hasNextPage: false,
      hasPreviousPage: true,
    });
    expect(pageOf([], { first: 3 }, () => [])).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });
});

describe('a cursor', () => {
  it('gives back the key that it was made of', () => {
    const key = ['text with ünïcödé', '12.5', null, '17'];
    expect(decodeCursor(encodeCursor(key), ['text', 'decimal', 'day', 'id'])).toEqual(key);
    expect(decodeCursor(null, ['id'])).toBeUndefined();
    expect(decodeCursor(undefined, ['id'])).toBeUndefined();
  });

  it.each([
    ['of another length', encodeCursor(['1', '2'])],
    ['with another kind of value', encodeCursor([1])],
    ['that would be SQL', encodeCursor(["1'; drop table customer"])],
    ['that is nonsense', 'nonsense'],
    ['that is empty', ''],
    ['that is no list', Buffer.from('{"length":1,"0":"1"}').toString('base64url')],
  ])('%s is refused', (_what, cursor) => {
    expect(() => decodeCursor(cursor, ['id'])).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });

  it.each(['2024-02-31', '0000-01-01', '+012026-01', '-271821-04'])(
    'of a day that Postgres does not know is refused: %s',
    (day) => {
      expect(() => decodeCursor(encodeCursor([day]), ['day'])).toThrow(
        expect.objectContaining({ code: 'BAD_USER_INPUT' }),
      );
    },
  );
});
