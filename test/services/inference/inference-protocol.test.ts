import { expect, it } from 'vitest';
import { ClvError } from '../../../src/errors.js';
import { errorOf, failureOf } from '../../../src/services/inference/protocol.js';

const withCode = (code: string, more: object = {}) => Object.assign(new Error('x'), { code, ...more });

it.each([
  ['what was expected', new ClvError('NOT_FOUND', 'There is none.'), 'NOT_FOUND'],
  ['a database that is gone', withCode('ECONNRESET', { syscall: 'read' }), 'DATABASE_UNAVAILABLE'],
  ['one that is starting', withCode('57P03'), 'DATABASE_UNAVAILABLE'],
])('a failure crosses to the API process as %s', (_what, error, code) => {
  expect(errorOf(failureOf(error))).toMatchObject({ code });
});

it('what nobody expected crosses with its stack', () => {
  const error = new TypeError('a defect');
  const crossed = errorOf(failureOf(error));
  expect(crossed).not.toBeInstanceOf(ClvError);
  expect(crossed).toMatchObject({ message: 'a defect', stack: error.stack });
});
