import { buildSchema, parse, validate } from 'graphql';
import { QueryFailedError } from 'typeorm';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { asGraphQLError, createErrorFormatter } from '../../src/server/errors.js';

const log: string[] = [];
const format = createErrorFormatter(pino({ level: 'warn' }, { write: (line: string) => void log.push(line) }));
const code = (error: unknown) => format(error).extensions?.['code'];
const withCode = (code: string, message = 'x') => Object.assign(new Error(message), { code });

describe('what callers see of a failure', () => {
  it('is DATABASE_UNAVAILABLE where Postgres cannot be reached', () => {
    const starting = withCode('57P03', 'the database system is starting up');
    expect(code(starting)).toBe('DATABASE_UNAVAILABLE');
    expect(code(new QueryFailedError('select 1', [], starting))).toBe('DATABASE_UNAVAILABLE');
    const refused = Object.assign(withCode('ECONNREFUSED'), { syscall: 'connect' });
    expect(code(refused)).toBe('DATABASE_UNAVAILABLE');
    expect(code(new AggregateError([refused], 'x'))).toBe('DATABASE_UNAVAILABLE');
    const unreachable = Object.assign(withCode('EHOSTUNREACH'), { syscall: 'connect' });
    expect(code(unreachable)).toBe('DATABASE_UNAVAILABLE');
    const unknownHost = Object.assign(withCode('EAI_AGAIN'), { syscall: 'getaddrinfo' });
    expect(code(unknownHost)).toBe('DATABASE_UNAVAILABLE');
    expect(code(new Error('Connection terminated unexpectedly'))).toBe('DATABASE_UNAVAILABLE');
    expect(JSON.stringify(format(starting))).not.toContain('starting up');
    expect(log[0]).toContain('starting up');
  });

  it('is logged once where Postgres is out, however many fields fail by it', () => {
    const before = log.length;
    const out = withCode('57P01', 'terminating connection');
    for (const row of [0, 1, 2]) expect(code(asGraphQLError(out, { row }))).toBe('DATABASE_UNAVAILABLE');
    expect(log).toHaveLength(before + 1);
  });

  it('says what Postgres has run out of', () => {
    const full = format(new QueryFailedError('insert', [], withCode('53100', 'could not extend file')));
    expect(full).toMatchObject({ extensions: { code: 'DATABASE_UNAVAILABLE' } });
    expect(full.message).toMatch(/^The disk of Postgres is full/);
    expect(format(withCode('25006')).message).toMatch(/^Postgres takes no writes now/);
    expect(format(withCode('53300')).message).toMatch(/^Postgres takes no more connections\. .* limit of the role/);
    expect(log.at(-1)).toContain('53300');
    expect(format(withCode('42501')).message).toMatch(/^The role of DATABASE_URL may not do this/);
    expect(format(withCode('53400')).message).toMatch(/^A limit of Postgres, such as temp_file_limit,/);
  });

  it('is a reference where a statement is wrong, or a file is missing', () => {
    expect(code(Object.assign(withCode('ENOENT'), { syscall: 'open' }))).toBe('INTERNAL');
    expect(code(new QueryFailedError('select 1', [], withCode('42601')))).toBe('INTERNAL');
    expect(code(withCode('22003'))).toBe('INTERNAL');
  });

  it('says that a document has too many mistakes, which GraphQL says without a place', () => {
    const schema = buildSchema('type Query { a: Int }');
    const errors = validate(schema, parse(`{ ${Array.from({ length: 150 }, (_, i) => `b${i}`).join(' ')} }`));
    expect(format(errors.at(-1))).toMatchObject({
      message: 'Too many validation errors, error limit reached. Validation aborted.',
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  it('says that a document asks for the same fields too often, of which GraphQL only says that it gave up', () => {
    const schema = buildSchema('type Query { a: Int }');
    const errors = validate(schema, parse(`{ ${'a '.repeat(1_500)} }`));
    expect(errors).toHaveLength(1);
    expect(format(errors[0])).toEqual({
      message: 'The document asks for the same fields too many times over to be checked. Ask for each of them once.',
      extensions: { code: 'QUERY_TOO_COMPLEX' },
    });
  });

  it('says that a value is nested too deeply, not that the server has a defect, and is logged once, however often it comes', () => {
    const endless = (n: number): number => endless(n + 1) + 1;
    let thrown: unknown;
    try {
      endless(0);
    } catch (error) {
      thrown = error;
    }
    const before = log.length;
    for (let i = 0; i < 3; i++) {
      expect(format(thrown)).toMatchObject({
        message: 'A value is nested too deeply.',
        extensions: { code: 'QUERY_TOO_COMPLEX' },
      });
    }
    expect(log).toHaveLength(before + 1);
  });
});
