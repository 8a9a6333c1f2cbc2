import { copyText } from '../../database/copy-text.js';
import { attributesColumn, type Field, fields, isId, kindFields } from './fields.js';
import type { ImportMapping, Rejection } from './import.types.js';
import type { PlainColumn, PlainTable } from './plain-rows.js';
import type { Row } from './row-source.js';
import {
  id,
  Invalid,
  maximumAmount,
  maximumAttributesLength,
  maximumIdLength,
  maximumNameLength,
  maximumTextLength,
  name,
  text,
  type ValueParser,
} from './values.js';

const nullText = String.raw`\N`;

interface ColumnPlan {
  readonly field: string;
  readonly position: number;
  readonly parse: ValueParser;
  readonly required: boolean;
  /** What stands for an empty field. */
  readonly empties: ReadonlySet<string>;
  /** What a text stands for where it is not meant as it is written. */
  readonly meanings: ReadonlyMap<string, string>;
  readonly isLowered: boolean;
}

const none: ReadonlySet<string> = new Set();

/** Turns rows into lines of Postgres's COPY text format, or into rejections. */
export class RowMapper {
  /** Names and types of the staging columns, in the order of the values. */
  readonly stagingColumns: readonly { readonly name: string; readonly type: Field['type'] }[];
  private readonly plans: readonly ColumnPlan[];
  private readonly constants: readonly string[];
  private readonly attributes: readonly { readonly name: string; readonly position: number }[];
  private readonly isMerchandise: ((code: string) => boolean) | undefined;
  private readonly amountOf: ((values: readonly string[]) => number) | null;
  private readonly productPlan: ColumnPlan | undefined;
  private readonly orderPlan: ColumnPlan | undefined;

  /**
   * @param positions field name to position in the row
   * @param header names for rejections, and the number of columns that each row must have
   */
  constructor(
    private readonly mapping: ImportMapping,
    positions: ReadonlyMap<string, number>,
    private readonly header: readonly string[],
  ) {
    const { required, identity, onceAnOrder, attributes: prefix } = kindFields[mapping.kind];
    const names = [...positions.keys()]
      .filter((name) => name in fields)
      .toSorted((a, b) => positions.get(a)! - positions.get(b)!);
    const emptyIds = mapping.emptyValues ? new Set(mapping.emptyValues) : none;
    const constantNames = Object.keys(mapping.constants ?? {}).filter((name) => name in fields);
    this.plans = names.map((field) => ({
      field,
      position: positions.get(field)!,
      parse: fields[field]!.parser(mapping),
      required: (required.includes(field) && field !== onceAnOrder) || field === identity,
      empties: isId(field) ? emptyIds : none,
      meanings: new Map(Object.entries(mapping.values?.[field] ?? {})),
      isLowered: mapping.lowerCase?.includes(field) ?? false,
    }));
    this.constants = constantNames.map((name) => constantOf(mapping, name));
    this.attributes = [...positions]
      .filter(([name]) => !(name in fields))
      .map(([name, position]) => ({ name: name.slice(prefix!.length), position }));
    this.isMerchandise = mapping.nonMerchandise && merchandiseTest(mapping.nonMerchandise);
    this.amountOf = amountOf(names, new Map(constantNames.map((name, i) => [name, this.constants[i]!])));
    this.productPlan = this.planOf('product.externalId');
    this.orderPlan = this.planOf('order.externalId');
    this.stagingColumns = [
      { name: 'line', type: 'integer' as const },
      ...[...names, ...constantNames].map((name) => ({ name: fields[name]!.column, type: fields[name]!.type })),
      ...(this.attributes.length > 0 ? [{ name: attributesColumn, type: 'jsonb' as const }] : []),
      ...(this.isMerchandise ? [{ name: fields['product.merchandise']!.column, type: 'boolean' as const }] : []),
    ];
  }

  /** How plain rows are taken (see `PlainRows`); null where the mapping asks for more than they can. */
  plainTable(delimiter: string): PlainTable | null {
    const columns: (PlainColumn | null)[] = this.header.map(() => null);
    for (const { field, position, parse, required, empties, meanings, isLowered } of this.plans) {
      const kind = plainKind(fields[field]!.type, parse, this.mapping);
      if (!kind || columns[position] || meanings.size > 0 || isLowered) return null;
      const longest = plainLengths.get(parse) ?? Infinity;
      columns[position] = { kind, required, longest, empties: [...empties].map((value) => Buffer.from(value)) };
    }
    if (this.attributes.length > 0 || delimiter.charCodeAt(0) > 0x7e || this.header.length < 2) return null;
    if (this.mapping.kind === 'order-lines' && !this.orderPlan) return null;
    const isConstant = (name: string) => name in (this.mapping.constants ?? {});
    if (isConstant('line.quantity') || isConstant('line.unitPrice')) return null;
    const positionOf = (field: string) => this.planOf(field)?.position ?? -1;
    return {
      delimiter,
      columns,
      order: this.mapping.kind === 'order-lines' ? positionOf('order.externalId') : -1,
      product: positionOf('product.externalId'),
      quantity: positionOf('line.quantity'),
      price: positionOf('line.unitPrice'),
      constants: this.constants.map((constant) => `\t${constant}`).join(''),
      ofProduct: this.isMerchandise ? (code) => `\t${this.merchandiseOf(code)}` : null,
    };
  }

  /** A field's column as the header writes it; the field's own name where it has none. */
  columnOf(field: string): string {
    const plan = this.planOf(field);
    return plan ? this.header[plan.position]! : field;
  }

  /** A row's order id; empty where it is a constant. */
  orderIdOf(row: Row): string {
    return this.orderPlan ? textOf(row, this.orderPlan) : '';
  }

  /** The row as one line of COPY text, line break included, or why it is rejected. */
  map(row: Row): string | Rejection {
    const problem = this.problemOf(row);
    if (problem) return problem;
    let line = String(row.line);
    const values: string[] = [];
    for (const plan of this.plans) {
      const raw = textOf(row, plan);
      let value = nullText;
      if (raw !== '') {
        const parsed = plan.parse(raw);
        if (parsed instanceof Invalid) return this.reject(row, plan.position, parsed.reason);
        if (parsed.includes('\0')) return this.reject(row, plan.position, 'holds a NUL character');
        value = copyText(parsed);
      } else if (plan.required) {
        return this.reject(row, plan.position, 'is empty');
      }
      values.push(value);
      line += '\t' + value;
    }
    if (this.amountOf && Math.abs(this.amountOf(values)) > maximumAmount) {
      return this.reject(row, this.amountPosition(), 'makes an amount that is out of range');
    }
    for (const constant of this.constants) line += '\t' + constant;
    if (this.attributes.length > 0) {
      const attributes = this.attributesOf(row);
      if (attributes.length > maximumAttributesLength) {
        return this.reject(row, this.attributes[0]!.position, attributesTooLong);
      }
      line += '\t' + copyText(attributes);
    }
    if (this.isMerchandise) line += '\t' + this.merchandiseOf(this.productPlan ? textOf(row, this.productPlan) : '');
    return line + '\n';
  }

  /** Undefined where no column is the field's. */
  private planOf(field: string): ColumnPlan | undefined {
    return this.plans.find((plan) => plan.field === field);
  }

  private problemOf(row: Row): Rejection | undefined {
    if (row.malformed) return { line: row.line, column: '', value: row.fields[0] ?? '', reason: row.malformed };
    if (row.fields.length === this.header.length) return undefined;
    const value = `${row.fields.length} columns instead of ${this.header.length}`;
    return { line: row.line, column: '', value, reason: 'has another number of columns than the header' };
  }

  private reject(row: Row, position: number, reason: string): Rejection {
    return { line: row.line, column: this.header[position]!, value: row.fields[position]!, reason };
  }

  /** The column to be named for an amount: the price's, or where that is a constant, the quantity's. */
  private amountPosition(): number {
    return (this.planOf('line.unitPrice') ?? this.planOf('line.quantity'))?.position ?? 0;
  }

  private attributesOf(row: Row): string {
    const given = this.attributes
      .map(({ name, position }) => [name, row.fields[position]!.replaceAll('\0', '').trim()] as const)
      .filter(([, value]) => value !== '');
    return JSON.stringify(Object.fromEntries(given));
  }

  private merchandiseOf(code: string): string {
    return code === '' ? nullText : String(this.isMerchandise!(code));
  }
}

/** What a field's text stands for; empty where it says that there is none. */
function textOf(row: Row, { position, empties, meanings, isLowered }: ColumnPlan): string {
  const text = row.fields[position]!.trim();
  if (empties.has(text)) return '';
  const meant = meanings.get(text) ?? text;
  return isLowered ? meant.toLowerCase() : meant;
}

/** What a line comes to, of the row's values or constants; null where the kind has no quantity or price. */
function amountOf(
  names: readonly string[],
  constants: ReadonlyMap<string, string>,
): ((values: readonly string[]) => number) | null {
  const [quantity, price] = ['line.quantity', 'line.unitPrice'].map((name) => {
    const constant = constants.get(name);
    if (constant !== undefined) return () => Number(constant);
    const index = names.indexOf(name);
    return index < 0 ? null : (values: readonly string[]) => Number(values[index]);
  });
  return quantity && price ? (values) => quantity(values) * price(values) : null;
}

const attributesTooLong = `belongs to attributes that are longer than ${maximumAttributesLength} characters together`;

/** In bytes, where the parsers count characters: what is longer is left to them. */
const plainLengths: ReadonlyMap<ValueParser, number> = new Map([
  [text, maximumTextLength],
  [name, maximumNameLength],
  [id, maximumIdLength],
]);

/** Null for what only `RowMapper` reads. */
function plainKind(
  type: Field['type'],
  parse: ValueParser,
  { decimalComma, dateFormat = 'iso' }: ImportMapping,
): PlainColumn['kind'] | null {
  if (type === 'text') return plainLengths.has(parse) ? 'text' : null;
  if (type === 'integer') return 'whole';
  if (type === 'numeric(18,4)') return decimalComma ? null : 'decimal';
  return type === 'timestamptz' && dateFormat === 'iso' ? 'instant' : null;
}

/** A constant as COPY text; `parseMapping` has checked it. */
function constantOf(mapping: ImportMapping, name: string): string {
  return copyText(String(fields[name]!.parser(mapping)(mapping.constants![name]!)));
}

/** Tells merchandise by its code, given the patterns of what is none. */
function merchandiseTest(nonMerchandise: readonly string[]): (code: string) => boolean {
  const alternatives = nonMerchandise.map((pattern) => pattern.split('*').map(escapeForRegExp).join('.*'));
  const expression = new RegExp(`^(?:${alternatives.join('|')})$`, 'i');
  return (code) => !expression.test(code);
}

const escapeForRegExp = (literal: string) => literal.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
