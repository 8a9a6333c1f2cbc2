import { describe, expect, it } from 'vitest';
import { locateColumns, parseMapping } from '../../../../src/services/ingestion/mapping/mapping.js';
import { presets } from '../../../../src/services/ingestion/mapping/presets.js';
import { RowMapper } from '../../../../src/services/ingestion/mapping/row-mapper.js';

describe('mappings', () => {
  it.each([
    [{}, /kind/],
    [
      { kind: 'customers', columns: {} },
      /customer\.externalId is required for customers \(--map customer\.externalId=<column>, or/,
    ],
    [
      { kind: 'orders', columns: { 'order.placedAt': 'at' } },
      /order\.total is required for orders \(--map order\.total=<column>; --set order\.total=1 if the file has no amounts\)/,
    ],
    [
      { kind: 'order-lines', columns: { 'order.externalId': 'id', 'line.quantity': 'n', 'line.unitPrice': 'p' } },
      /order\.placedAt is required for order-lines \(.*; if it is in another file, join both first\)/,
    ],
    [
      { kind: 'order-lines', columns: { 'order.placedAt': 'at', 'line.quantity': 'n', 'line.unitPrice': 'p' } },
      /order\.externalId is required for order-lines \(.*; if each row is an order, --kind orders needs none\)/,
    ],
    [
      { kind: 'customers', columns: { 'customer.externalId': 'id', 'order.total': 'x' } },
      /order\.total is not a field of/,
    ],
    [{ kind: 'customers', columns: { 'customer.externalId': 'id' }, surprise: 1 }, /surprise/],
    [
      { kind: 'customers', columns: { 'customer.externalId': 'id' }, constants: { 'customer.externalId': 'x' } },
      /both a column and a constant/,
    ],
    [
      {
        kind: 'events',
        columns: { 'customer.externalId': 'id', 'event.occurredAt': 'at' },
        constants: { 'event.type': 'DANCE' },
      },
      /"DANCE" is none of BROWSE.* \(values in a --mapping file say what other names stand for, --only leaves rows out\)/,
    ],
    [
      { kind: 'products', columns: { 'product.externalId': 'id', 'product.merchandise': 'm' }, nonMerchandise: ['P'] },
      /product\.merchandise is given and so is nonMerchandise/,
    ],
    [
      {
        kind: 'events',
        columns: { 'customer.externalId': 'id', 'event.occurredAt': 'at', 'event.type': 'name' },
        values: { 'event.type': { 'Product Viewed': 'DANCE' }, 'event.text': { a: 'b' } },
      },
      /event\.type: "DANCE" is none of BROWSE.*; values: event\.text is not a field with a column/,
    ],
    [
      { kind: 'customers', columns: { 'customer.externalId': 'id' }, constants: { constructor: 'x' } },
      /constructor is not a field of customers/,
    ],
    [
      {
        kind: 'customers',
        columns: { 'customer.externalId': 'id' },
        values: { constructor: {}, toString: { a: 'b' } },
      },
      /values: constructor is not a field with a column.*values: toString is not a field with a column/,
    ],
    [
      {
        kind: 'orders',
        columns: { 'order.placedAt': 'at', 'order.total': 'sum' },
        only: { State: [] },
        emptyValues: [' '],
      },
      /only\.State.*emptyValues/,
    ],
    [
      {
        kind: 'orders',
        columns: { 'order.placedAt': 'at', 'order.total': 'sum' },
        lowerCase: ['customer.externalId', 'order.total'],
      },
      /lowerCase: customer\.externalId is not an id with a column; lowerCase: order\.total is not an id/,
    ],
    [
      {
        kind: 'customers',
        columns: { 'customer.externalId': 'id', 'customer.name': 'name', 'customer.attributes.a\0': 'a' },
        constants: { 'customer.country': 'D\0' },
        values: { 'customer.name': { x: '\uD800' } },
      },
      /attributes\.a\\u0000" holds a NUL.*country: "D\\u0000" holds a NUL.*name: "\\ud800" holds a NUL.* or half a surrogate/,
    ],
  ])('%j is refused with a reason', (mapping, message) => {
    expect(() => parseMapping(mapping)).toThrow(
      expect.objectContaining({ code: 'IMPORT_INVALID', message: expect.stringMatching(message) }),
    );
  });

  it('takes what every row has, and codes of no merchandise, without the spaces around them, as values of a file', () => {
    const mapping = parseMapping({
      kind: 'order-lines',
      columns: {
        'order.externalId': 'o',
        'order.placedAt': 'd',
        'product.externalId': 'p',
        'line.quantity': 'q',
        'line.unitPrice': 'u',
      },
      constants: { 'customer.externalId': ' c-1 ', 'order.currency': 'EUR ' },
      nonMerchandise: ['POST '],
    });
    expect(mapping).toMatchObject({
      constants: { 'customer.externalId': 'c-1', 'order.currency': 'EUR' },
      nonMerchandise: ['POST'],
    });
    const blank = {
      kind: 'customers',
      columns: { 'customer.externalId': 'id' },
      constants: { 'customer.country': ' ' },
    };
    expect(() => parseMapping(blank)).toThrow(/customer\.country/);
  });

  it('finds columns without regard to case and spaces, and names those that the header lacks', () => {
    const mapping = parseMapping({ kind: 'customers', columns: { 'customer.externalId': 'Customer ID' } });
    expect(locateColumns(mapping, ['x', ' customer id '], 'f')).toEqual(new Map([['customer.externalId', 1]]));
    expect(() => locateColumns(mapping, ['x', 'y'], 'f')).toThrow(
      /f: the header lacks "Customer ID" \(for customer\.externalId\)\. It has: "x", "y"/,
    );
    expect(() => locateColumns(mapping, ['customer id', 'Customer ID'], 'f')).toThrow(/twice/);
  });

  it.each([
    ['POST', false],
    ['post', false],
    ['gift_0001_80', false],
    ['ADJUST2', false],
    ['85123A', true],
    ['POSTCARD', true],
    ['DCGS0058', true],
  ])('online-retail: code %s is merchandise: %s', (code, merchandise) => {
    const mapping = presets['online-retail'];
    const header = Object.values(mapping.columns);
    const mapper = new RowMapper(mapping, locateColumns(mapping, header, 'f'), header);
    const fields = ['1', '2010-12-01', '', '', code, '', '1', '1'];
    expect(mapper.map({ line: 2, fields })).toMatch(new RegExp(`\t${merchandise}\n$`));
  });
});
