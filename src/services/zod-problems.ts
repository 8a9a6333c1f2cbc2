import { z } from 'zod';
import { ClvError } from '../errors.js';
import { counted } from '../text.js';

z.config({ customError: inPlainWords });

/**
 * The value as parsed by the schema.
 * @param failure the sentence that comes before what is wrong
 * @throws ClvError BAD_USER_INPUT naming every wrong field
 */
export function parsedBy<T extends z.ZodType>(schema: T, value: unknown, failure: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ClvError('BAD_USER_INPUT', `${failure} ${problemsOf(parsed.error)}.`);
}

/** Each problem with its field. @param whole names the value in problems without a field */
export function problemsOf(error: z.ZodError, whole = ''): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || whole}: ${message}`).join('; ');
}

/** The message for problems that a schema has no words for; undefined where zod's own message is good enough. */
function inPlainWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeNames[issue.expected] ?? `of the type ${issue.expected}`}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'unrecognized_keys':
      return `must not have ${issue.keys.join(', ')}`;
    case 'too_small':
      return bound(issue, issue.minimum, issue.inclusive === false ? 'above' : 'at least');
    case 'too_big':
      return bound(issue, issue.maximum, issue.inclusive === false ? 'below' : 'at most');
    default:
      return undefined;
  }
}

const typeNames: Readonly<Partial<Record<string, string>>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a text',
};

const countedUnits: Readonly<Partial<Record<string, string>>> = { array: 'value', string: 'character' };

function bound(
  { origin, exact }: { readonly origin: string; readonly exact?: boolean | undefined },
  limit: number | bigint,
  relation: string,
): string {
  const unit = countedUnits[origin];
  if (unit === undefined) return `must be ${relation} ${limit}`;
  if (relation === 'at least' && limit === 1 && !exact) return 'must not be empty';
  return `must have ${exact ? 'exactly' : relation} ${counted(Number(limit), unit)}`;
}
