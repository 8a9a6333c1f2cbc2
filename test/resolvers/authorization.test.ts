import { expect, it } from 'vitest';
import { requireRole } from '../../src/resolvers/authorization.js';
import type { Actor } from '../../src/services/api-keys.service.js';

const actor = (role: Actor['role']) => ({ id: '1', role }) as Actor;

function refusalOf(own: Actor['role'], needed: Actor['role']): unknown {
  try {
    requireRole(actor(own), needed);
  } catch (error) {
    return error;
  }
  return undefined;
}

it('lets through who has the role or a larger one, and tells others which it takes', () => {
  expect(refusalOf('ADMIN', 'MARKETER')).toBeUndefined();
  expect(refusalOf('MARKETER', 'MARKETER')).toBeUndefined();
  const message = 'This needs the role ADMIN; the API key has MARKETER.';
  expect(refusalOf('MARKETER', 'ADMIN')).toMatchObject({ code: 'FORBIDDEN', message });
});

it('makes each refusal once, however many fields it is told for', () => {
  expect(refusalOf('VIEWER', 'MARKETER')).toBe(refusalOf('VIEWER', 'MARKETER'));
  expect(refusalOf('VIEWER', 'MARKETER')).not.toBe(refusalOf('VIEWER', 'ADMIN'));
});
