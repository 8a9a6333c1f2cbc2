import { createParameterDecorator, type ParameterDecorator } from 'type-graphql';
import { requireRole } from './authorization.js';
import type { RequestContext } from './context.js';

/** The id of the caller's API key. */
export function ActorId(): ParameterDecorator {
  return createParameterDecorator<RequestContext>(({ context: { actor } }) => {
    requireRole(actor, 'VIEWER');
    return actor.id;
  });
}
