import { describe, expect, it } from 'vitest';
import { documentProblem, requireModestVariables } from '../../../src/server/limits/request-size.js';

const admin = { role: 'ADMIN' } as const;
const marketer = { role: 'MARKETER' } as const;
const viewer = { role: 'VIEWER' } as const;
const list = (length: number): unknown[] => Array.from({ length }, () => ({}));

describe('a document', () => {
  it('is read up to a length, and up to a number of lines', () => {
    expect(documentProblem('{ me { id } }')).toBeUndefined();
    expect(documentProblem(undefined)).toBeUndefined();
    expect(documentProblem(' '.repeat(100_000))).toBeUndefined();
    expect(documentProblem(' '.repeat(100_001))?.message).toMatch(/^The document has 100001 characters/);
    expect(documentProblem('\r\n'.repeat(5_000))).toBeUndefined();
    expect(documentProblem('\r'.repeat(5_001))).toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
  });
});

describe('variables', () => {
  it('hold no list longer than any that is taken', () => {
    expect(() => requireModestVariables({ a: { b: list(2_000) } }, admin)).not.toThrow();
    expect(() => requireModestVariables({ a: { b: list(2_001) } }, admin)).toThrow(/has 2001 items; at most 2000/);
  });

  it('hold as many values as the caller may need', () => {
    const nested = (lists: number) => ({ or: Array.from({ length: lists }, () => list(2_000)) });
    for (const writer of [admin, marketer]) expect(() => requireModestVariables(nested(50), writer)).not.toThrow();
    expect(() => requireModestVariables(nested(9), viewer)).not.toThrow();
    expect(() => requireModestVariables(nested(10), viewer)).toThrow(/more than 20000 values. Ask in several/);
    expect(() => requireModestVariables({ a: list(990) }, null)).not.toThrow();
    expect(() => requireModestVariables({ a: list(1_000) }, null)).toThrow(/more than 1000 values. Send an API key/);
    expect(() => requireModestVariables(undefined, null)).not.toThrow();
  });

  it('may be nested as deeply as JSON can be', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 50_000; level++) deep = [deep];
    expect(() => requireModestVariables({ deep }, admin)).not.toThrow();
  });
});
