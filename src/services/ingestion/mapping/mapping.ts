import { z } from 'zod';
import { currencyPattern } from '../../../currency.js';
import { isStorable, unstorable } from '../../../storable-text.js';
import { ClvError } from '../../../errors.js';
import { quoted, shortened } from '../../../text.js';
import { type Field, fields, isId, kindFields } from './fields.js';
import { dateFormats, fileEncodings, type ImportKind, importKinds, type ImportMapping } from '../import.types.js';
import { Invalid } from '../values.js';
import { problemsOf } from '../../zod-problems.js';

const mappingSchema = z.strictObject({
  kind: z.enum(importKinds),
  columns: z.record(z.string(), z.string().min(1)).default({}),
  constants: z.record(z.string(), z.string().trim().min(1)).default({}),
  delimiter: z.string().length(1).optional(),
  plainQuotes: z.boolean().optional(),
  encoding: z.enum(fileEncodings).optional(),
  dateFormat: z.enum(dateFormats).optional(),
  decimalComma: z.boolean().optional(),
  currency: z.string().regex(currencyPattern, 'must be three capital letters').optional(),
  values: z.record(z.string(), z.record(z.string(), z.string().trim())).optional(),
  only: z.record(z.string().min(1), z.array(z.string().trim()).min(1)).optional(),
  emptyValues: z.array(z.string().trim().min(1)).optional(),
  lowerCase: z.array(z.string()).optional(),
  nonMerchandise: z.array(z.string().trim().min(1)).optional(),
  layout: z.enum(['csv', 'cdnow']).optional(),
});

/**
 * Checks a mapping, e.g. one read from JSON.
 * @throws ClvError IMPORT_INVALID naming every unknown, missing or doubly given field
 */
export function parseMapping(value: unknown): ImportMapping {
  const mapping = checkedBy(mappingSchema, value, 'mapping');
  const mapped = Object.keys(mapping.columns);
  const constant = Object.keys(mapping.constants);
  const { required } = kindFields[mapping.kind];
  const problems = [
    ...[...mapped, ...constant]
      .filter((name) => !isFieldOf(mapping.kind, name))
      .map((name) => `${name} is not a field of ${mapping.kind}; these are: ${knownFields(mapping.kind)}`),
    ...mapped.filter((name) => !isStorable(name)).map((name) => `${JSON.stringify(name)} ${unstorable}`),
    ...constant.filter((name) => mapped.includes(name)).map((name) => `${name} has both a column and a constant`),
    ...constant.flatMap((name) => constantProblem(mapping, name)),
    ...Object.keys(mapping.values ?? {}).flatMap((name) => translationProblems(mapping, name)),
    ...(mapping.lowerCase ?? [])
      .filter((name) => !isId(name) || !Object.hasOwn(mapping.columns, name))
      .map((name) => `lowerCase: ${name} is not an id with a column`),
    ...merchandiseProblems(mapping),
    ...required
      .filter((name) => !mapped.includes(name) && !constant.includes(name))
      .map((name) => `${name} is required for ${mapping.kind}${hintFor(name)}`),
  ];
  if (problems.length > 0) throw new ClvError('IMPORT_INVALID', `Wrong mapping: ${problems.join('; ')}`);
  return mapping;
}

/** How to give a required field that is missing. */
function hintFor(name: string): string {
  const byColumn = `--map ${name}=<column>`;
  if (name === 'order.total') return ` (${byColumn}; --set order.total=1 if the file has no amounts)`;
  if (name === 'order.externalId') return ` (${byColumn}; if each row is an order, --kind orders needs none)`;
  if (name === 'order.placedAt') return ` (${byColumn}; if it is in another file, join both first)`;
  return ` (${byColumn}, or --set ${name}=<value> for all rows)`;
}

/**
 * Checks only the shape of a mapping; any part may be missing.
 * @param file the file that it was read from
 * @throws ClvError IMPORT_INVALID naming the file
 */
export const parsePartOfMapping = (value: unknown, file: string): Partial<ImportMapping> =>
  checkedBy(mappingSchema.partial(), value, `mapping ${file}`);

function checkedBy<T extends z.ZodType>(schema: T, value: unknown, name: string): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ClvError('IMPORT_INVALID', `Wrong ${name}: ${problemsOf(parsed.error, 'mapping')}`);
}

/** The field of that name; not what every object inherits, such as `constructor`. */
const fieldNamed = (name: string): Field | undefined => (Object.hasOwn(fields, name) ? fields[name] : undefined);

function constantProblem(mapping: ImportMapping, name: string): string[] {
  const field = fieldNamed(name);
  return field ? valueProblem(mapping, name, field, mapping.constants![name]!) : [`${name} can only be a column`];
}

function translationProblems(mapping: ImportMapping, name: string): string[] {
  const field = fieldNamed(name);
  if (!field || !Object.hasOwn(mapping.columns, name))
    return [`values: ${name} is not a field with a column, or is an attribute`];
  const meant = Object.values(mapping.values![name]!).filter((value) => value !== '');
  return meant.flatMap((value) => valueProblem(mapping, name, field, value));
}

function valueProblem(mapping: ImportMapping, name: string, field: Field, value: string): string[] {
  if (!isStorable(value)) return [`${name}: ${JSON.stringify(value)} ${unstorable}`];
  const parsed = field.parser(mapping)(value);
  return parsed instanceof Invalid ? [`${name}: "${value}" ${parsed.reason}`] : [];
}

function merchandiseProblems({ nonMerchandise, columns, constants = {} }: ImportMapping): string[] {
  if (!nonMerchandise) return [];
  const twice = 'product.merchandise' in columns || 'product.merchandise' in constants;
  return [
    ...(twice ? ['product.merchandise is given and so is nonMerchandise'] : []),
    ...('product.externalId' in columns ? [] : ['nonMerchandise needs a column for product.externalId']),
  ];
}

function isFieldOf(kind: ImportKind, name: string): boolean {
  const { required, optional, attributes } = kindFields[kind];
  if (attributes !== undefined && name.startsWith(attributes)) return name.length > attributes.length;
  return fieldNamed(name) !== undefined && (required.includes(name) || optional.includes(name));
}

function knownFields(kind: ImportKind): string {
  const { required, optional, attributes } = kindFields[kind];
  return [...required, ...optional, ...(attributes === undefined ? [] : [`${attributes}<name>`])].join(', ');
}

/**
 * Position of each mapped field in a row, by the field's name. Names of columns are compared regardless of case and surrounding spaces.
 * @throws ClvError IMPORT_INVALID naming the columns that the header lacks or has twice
 */
export function locateColumns(
  mapping: Pick<ImportMapping, 'columns'>,
  header: readonly string[],
  path: string,
): Map<string, number> {
  const wanted = Object.entries(mapping.columns);
  const positions = positionsOf(wanted, header, path);
  return new Map(wanted.map(([field], i) => [field, positions[i]!]));
}

/**
 * Positions of the columns of the mapping's `only`, in its order.
 * @throws ClvError IMPORT_INVALID as `locateColumns`
 */
export function locateOnly({ only = {} }: ImportMapping, header: readonly string[], path: string): number[] {
  const wanted = Object.keys(only).map((column) => ['only', column] as const);
  return positionsOf(wanted, header, path);
}

function positionsOf(
  wanted: readonly (readonly [purpose: string, column: string])[],
  header: readonly string[],
  path: string,
): number[] {
  const names = header.map(columnName);
  const missing: string[] = [];
  const positions = wanted.map(([purpose, column]) => {
    const position = names.indexOf(columnName(column));
    if (position < 0) missing.push(`"${column}" (for ${purpose})`);
    else if (names.includes(columnName(column), position + 1)) {
      throw new ClvError('IMPORT_INVALID', `${path}: the header has the column "${column}" twice; rename one of them.`);
    }
    return position;
  });
  if (missing.length > 0) {
    throw new ClvError(
      'IMPORT_INVALID',
      `${path}: the header lacks ${missing.join(', ')}. It has: ${header.map(shown).join(', ')}. ` +
        (header.length === 1
          ? 'If these are several columns, separate them by commas, or import the file with --delimiter.'
          : 'Map the fields to these columns; if they are values, put a header line above them.') +
        (isAscii(header.join(''))
          ? ''
          : ' If letters look wrong, save the file in UTF-8, or import it with --encoding.'),
    );
  }
  return positions;
}

/** How many of the columns that the mapping names the header lacks. */
export const lackingColumns = ({ columns, only = {} }: ImportMapping, header: readonly string[]): number =>
  [...Object.values(columns), ...Object.keys(only)].filter((column) => !hasColumn(header, column)).length;

export const hasColumn = (header: readonly string[], column: string): boolean =>
  header.map(columnName).includes(columnName(column));

/** A column name for messages; shortened, since a binary file may have given it. */
const shown = (name: string) => quoted(shortened(name, 60));

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

export const columnName = (name: string): string => name.trim().toLowerCase();
