import { GraphQLError, parse } from 'graphql';
import { expect, it } from 'vitest';
import { maskError } from '../../../src/server/execution/operations.js';

it('tells the place of an error that is masked, without counting the lines before it once more', () => {
  const { definitions } = parse(`${'\n'.repeat(9)}{ a }`);
  const error = new GraphQLError('told to nobody', { nodes: definitions, path: ['a', 0] });
  const told = { message: 'told', extensions: { code: 'INTERNAL' } };
  const masked = maskError(() => told, error);
  expect(masked.toJSON()).toEqual({ ...told, path: ['a', 0], locations: [{ line: 10, column: 1 }] });
  expect(masked.nodes).toBeUndefined();
  expect(maskError(() => told, new Error('of no place')).toJSON()).toEqual(told);
});
