import { type Field, fields, isId, kindFields } from './fields.js';
import type { ImportMapping } from '../import.types.js';
import type { PlainColumn } from './plain-rows.js';
import type { Row } from '../files/row-source.js';
import { id, maximumIdLength, maximumNameLength, maximumTextLength, name, text, type ValueParser } from '../values.js';

/** How a column of a file becomes a field. */
export interface ColumnPlan {
  readonly field: string;
  readonly position: number;
  readonly parse: ValueParser;
  readonly required: boolean;
  /** Texts that stand for an empty field. */
  readonly empties: ReadonlySet<string>;
  /** Text to its meaning, for texts that are not meant as they are written. */
  readonly meanings: ReadonlyMap<string, string>;
  readonly isLowered: boolean;
}

const none: ReadonlySet<string> = new Set();

/**
 * Plans of all fields except attributes, in the order of the columns.
 * @param positions field name to position in the row
 */
export function columnPlans(mapping: ImportMapping, positions: ReadonlyMap<string, number>): ColumnPlan[] {
  const { required, identity, onceAnOrder } = kindFields[mapping.kind];
  const emptyIds = mapping.emptyValues ? new Set(mapping.emptyValues) : none;
  return [...positions]
    .filter(([field]) => field in fields)
    .toSorted(([, a], [, b]) => a - b)
    .map(([field, position]) => ({
      field,
      position,
      parse: fields[field]!.parser(mapping),
      required: (required.includes(field) && field !== onceAnOrder) || field === identity,
      empties: isId(field) ? emptyIds : none,
      meanings: new Map(Object.entries(mapping.values?.[field] ?? {})),
      isLowered: mapping.lowerCase?.includes(field) ?? false,
    }));
}

/** The meaning of a field's text; empty for an empty field. */
export function textOf(row: Row, { position, empties, meanings, isLowered }: ColumnPlan): string {
  const written = row.fields[position]!.trim();
  if (empties.has(written)) return '';
  const meant = meanings.get(written) ?? written;
  return isLowered ? meant.toLowerCase() : meant;
}

/**
 * How `PlainRows` reads the column; null if only `RowMapper` can.
 * @param title the column's name in the header
 */
export function plainColumn(
  { field, parse, required, empties, meanings, isLowered }: ColumnPlan,
  mapping: ImportMapping,
  title: string,
): PlainColumn | null {
  const kind = plainKind(fields[field]!.type, parse, mapping);
  if (!kind || meanings.size > 0 || isLowered) return null;
  const longest = plainLengths.get(parse) ?? Infinity;
  return {
    kind,
    required,
    longest,
    empties: [...empties].map((value) => Buffer.from(value)),
    title: Buffer.from(title.trim()),
  };
}

/** Longest texts, in bytes. The parsers count characters, so that longer ones are left to them. */
const plainLengths: ReadonlyMap<ValueParser, number> = new Map([
  [text, maximumTextLength],
  [name, maximumNameLength],
  [id, maximumIdLength],
]);

function plainKind(
  type: Field['type'],
  parse: ValueParser,
  { decimalComma, dateFormat = 'iso' }: ImportMapping,
): PlainColumn['kind'] | null {
  if (parse === id) return 'id';
  if (type === 'text') return plainLengths.has(parse) ? 'text' : null;
  if (type === 'integer') return 'whole';
  if (type === 'numeric(18,4)') return decimalComma ? null : 'decimal';
  return type === 'timestamptz' && dateFormat === 'iso' ? 'instant' : null;
}
