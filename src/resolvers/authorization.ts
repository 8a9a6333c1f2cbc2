import { Authorized, Extensions, type AuthCheckerFn } from 'type-graphql';
import { apiRoles, type ApiRole } from '../entities/index.js';
import { ClvError } from '../errors.js';
import type { Actor } from '../services/api-keys.service.js';
import type { RequestContext } from './context.js';

/** The least role that may call an operation. Every Query, Mutation and Subscription declares it. */
export function Allow(role: ApiRole): MethodDecorator {
  const decorators: readonly MethodDecorator[] = [Authorized(role), Extensions({ role })];
  return (target, key, descriptor) => {
    for (const decorate of decorators) decorate(target, key, descriptor);
  };
}

/** @throws ClvError UNAUTHENTICATED without an API key, FORBIDDEN where the key's role is too small */
export function requireRole(actor: Actor | null, role: ApiRole): asserts actor is Actor {
  if (!actor) {
    throw new ClvError(
      'UNAUTHENTICATED',
      'An API key is needed: send it as "Authorization: Bearer <key>" or "X-API-Key: <key>".',
    );
  }
  if (!hasRole(actor, role)) throw roleTooSmall(role, actor.role);
}

/** Each error is made once: an answer may refuse tens of thousands of fields, and the stack trace is most of the cost of an error. */
const refusals = new Map<string, ClvError>();

function roleTooSmall(needed: ApiRole, own: ApiRole): ClvError {
  const message = `This needs the role ${needed}; the API key has ${own}.`;
  const known = refusals.get(message) ?? new ClvError('FORBIDDEN', message);
  refusals.set(message, known);
  return known;
}

export const hasRole = (actor: Actor | null, role: ApiRole): boolean =>
  actor !== null && apiRoles.indexOf(actor.role) >= apiRoles.indexOf(role);

/** Checks roles for `buildSchema`: lets a call through or throws. */
export const checkRole: AuthCheckerFn<RequestContext, ApiRole> = ({ context }, roles) => {
  for (const role of roles) requireRole(context.actor, role);
  return true;
};
