import { ClvError } from '../../errors.js';
import type { Actor } from '../../services/api-keys.service.js';
import { refusal } from '../errors.js';
import { maxTokens } from './document-limits.js';

/** Far more than `maxTokens` tokens need. */
const mostCharacters = 100_000;
/** Limited, since GraphQL counts the lines before each of its errors to find its location. */
const mostLines = 5_000;
/** As many as an order may have lines. */
const longestList = 2_000;
/** Values within variables of callers who may only read, and of those without a key. */
const mostValuesOfReaders = 20_000;
const mostValuesOfStrangers = 1_000;

/** Why a document is too large to be parsed. */
export function documentProblem(query: unknown): ClvError | undefined {
  if (typeof query !== 'string') return undefined;
  if (query.length > mostCharacters) {
    return tooLarge(
      `The document has ${query.length} characters; at most ${mostCharacters} (and ${maxTokens} tokens) are read. ` +
        'Pass values as variables.',
    );
  }
  const lines = query.match(/\r\n|\n|\r/g)?.length ?? 0;
  return lines > mostLines
    ? tooLarge(`The document has ${lines} line breaks; at most ${mostLines} are read.`)
    : undefined;
}

/**
 * Refuses too many values. To be called before variables are compared with their types, which would take long.
 * @throws GraphQLError QUERY_TOO_COMPLEX
 */
export function requireModestVariables(variables: unknown, actor: Pick<Actor, 'role'> | null): void {
  const most = mostValuesOf(actor);
  const open: unknown[] = [variables];
  for (let values = 0; open.length > 0; values++) {
    if (values > most) {
      const advice = actor ? 'Ask in several requests.' : 'Send an API key (Authorization: Bearer <key>).';
      throw refusal(tooLarge(`The variables hold more than ${most} values. ${advice}`));
    }
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    const inner: readonly unknown[] = Object.values(value);
    if (Array.isArray(value) && inner.length > longestList) {
      throw refusal(
        tooLarge(`A list in the variables has ${inner.length} items; at most ${longestList} are taken at once.`),
      );
    }
    for (const each of inner) open.push(each);
  }
}

function mostValuesOf(actor: Pick<Actor, 'role'> | null): number {
  if (!actor) return mostValuesOfStrangers;
  return actor.role === 'VIEWER' ? mostValuesOfReaders : Infinity;
}

const tooLarge = (problem: string): ClvError => new ClvError('QUERY_TOO_COMPLEX', problem);
