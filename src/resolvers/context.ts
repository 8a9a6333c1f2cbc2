import type { Actor } from '../services/api-keys.service.js';
import type { AnswerBudget } from '../services/largest-answer.js';
import type { Loaders } from './loaders/index.js';
import type { Services } from '../services/create-services.js';

/** What every resolver gets. One per request; for a subscription one per operation. */
export interface RequestContext {
  /** Null for a caller without an API key. */
  readonly actor: Actor | null;
  /** To be called again by long operations. @throws ClvError UNAUTHENTICATED once the caller's key was revoked */
  readonly requireValidKey: () => Promise<void>;
  readonly services: Services;
  readonly budget: AnswerBudget;
  /** Replaced after each mutation, and for each event of a subscription. */
  loaders: Loaders;
}
