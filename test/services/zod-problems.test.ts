import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parsedBy, problemsOf } from '../../src/services/zod-problems.js';

describe('what is wrong with an input', () => {
  it.each<[string, z.ZodType, unknown]>([
    ['must be a whole number', z.number().int(), 1.5],
    ['must be a number', z.number(), 'x'],
    ['must be at least 7', z.number().min(7), 3],
    ['must be at most 1826', z.number().max(1_826), 2_000],
    ['must be above 0', z.number().positive(), 0],
    ['must be below 1', z.number().lt(1), 1],
    ['must not be empty', z.string().min(1), ''],
    ['must have at most 2 characters', z.string().max(2), 'abc'],
    ['must have exactly 1 character', z.string().length(1), ';;'],
    ['must not be empty', z.array(z.string()).min(1), []],
    ['must have at most 1 value', z.array(z.string()).max(1), ['a', 'b']],
    ['must be one of iso, dmy', z.enum(['iso', 'dmy']), 'us'],
    ['must be true or false', z.boolean(), 'yes'],
    ['must be a text', z.string(), undefined],
    ['must not have a, b', z.strictObject({}), { a: 1, b: 2 }],
    ['as the schema says', z.string('as the schema says'), 1],
  ])('is told in plain words: %s', (words, schema, value) => {
    const { error } = schema.safeParse(value);
    expect(problemsOf(error!, 'it')).toBe(`it: ${words}`);
  });

  it('is told of each field', () => {
    const { error } = z.object({ a: z.object({ b: z.number() }), c: z.string() }).safeParse({ a: {} });
    expect(problemsOf(error!)).toBe('a.b: must be a number; c: must be a text');
  });

  it('is told after the sentence that is given, as BAD_USER_INPUT', () => {
    const schema = z.object({ epochs: z.number().default(2) });
    expect(parsedBy(schema, {}, 'It cannot start.')).toEqual({ epochs: 2 });
    const failure = { code: 'BAD_USER_INPUT', message: 'It cannot start. epochs: must be a number.' };
    expect(() => parsedBy(schema, { epochs: 'x' }, 'It cannot start.')).toThrow(expect.objectContaining(failure));
  });
});
