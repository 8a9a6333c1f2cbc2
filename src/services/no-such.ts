import { ClvError } from '../errors.js';
import { globalIdText } from '../global-id-text.js';

/** What callers look for by an id, each with the name of its type in the API. */
const types = {
  model: 'ModelVersion',
  snapshot: 'Snapshot',
  'complete snapshot': 'Snapshot',
  segment: 'Segment',
  campaign: 'Campaign',
  run: 'Run',
  'API key': 'ApiKey',
};

/** Types that messages and commands call by a number, which is the id in the database. */
const numbered: ReadonlySet<string> = new Set(['ModelVersion', 'Snapshot']);

/**
 * The error that nothing has the id. Its message has the id as the API shows it.
 * @param hint what to do about it, a sentence
 */
export function noSuch(what: keyof typeof types, id: string, hint?: string): ClvError {
  const type = types[what];
  const given = globalIdText(type, id);
  const name = numbered.has(type) ? `${what} ${id} (${given})` : `${what} ${given}`;
  return new ClvError('NOT_FOUND', `There is no ${name}.${hint ? ` ${hint}` : ''}`);
}
