import { copyText } from '../../../database/copy-text.js';
import { type ColumnPlan, columnPlans, plainColumn, textOf } from './column-plan.js';
import { attributesColumn, fields, kindFields } from './fields.js';
import type { ImportMapping, Rejection } from '../import.types.js';
import type { PlainColumn, PlainTable } from './plain-rows.js';
import type { Row } from '../files/row-source.js';
import { Invalid, makesAmountOutOfRange, maximumAmount, maximumAttributesLength } from '../values.js';
import { counted } from '../../../text.js';

const nullText = String.raw`\N`;

/** Turns rows into lines of Postgres's COPY text format, or into rejections. */
export class RowMapper {
  /** The staging columns, in the order of the values. */
  readonly stagingColumns: readonly string[];
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
    const prefix = kindFields[mapping.kind].attributes;
    const constantNames = Object.keys(mapping.constants ?? {}).filter((name) => name in fields);
    this.plans = columnPlans(mapping, positions);
    const names = this.plans.map(({ field }) => field);
    this.constants = constantNames.map((name) => constantOf(mapping, name));
    this.attributes = [...positions]
      .filter(([name]) => !(name in fields))
      .map(([name, position]) => ({ name: name.slice(prefix!.length), position }));
    this.isMerchandise = mapping.nonMerchandise && merchandiseTest(mapping.nonMerchandise);
    this.amountOf = amountOf(names, new Map(constantNames.map((name, i) => [name, this.constants[i]!])));
    this.productPlan = this.planOf('product.externalId');
    this.orderPlan = this.planOf('order.externalId');
    this.stagingColumns = [
      'line',
      ...[...names, ...constantNames].map((name) => fields[name]!.column),
      ...(this.attributes.length > 0 ? [attributesColumn] : []),
      ...(this.isMerchandise ? [fields['product.merchandise']!.column] : []),
    ];
  }

  /** How `PlainRows` is to read rows; null where the mapping asks for more than it can. */
  plainTable(delimiter: string): PlainTable | null {
    const columns: (PlainColumn | null)[] = this.header.map(() => null);
    for (const plan of this.plans) {
      const column = plainColumn(plan, this.mapping, this.header[plan.position]!);
      if (!column || columns[plan.position]) return null;
      columns[plan.position] = column;
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

  /** The name of a field's column as in the header; the field's own name where it has none. */
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
      return this.reject(row, this.amountPosition(), makesAmountOutOfRange);
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

  /** Undefined for a field without a column. */
  private planOf(field: string): ColumnPlan | undefined {
    return this.plans.find((plan) => plan.field === field);
  }

  private problemOf(row: Row): Rejection | undefined {
    if (row.malformed) return { line: row.line, column: '', value: row.fields[0] ?? '', reason: row.malformed };
    if (row.fields.length !== this.header.length) {
      const value = `${counted(row.fields.length, 'column')} instead of ${this.header.length}`;
      return { line: row.line, column: '', value, reason: 'has another number of columns than the header' };
    }
    // Files that were joined have the header of each.
    if (!row.fields.every((field, i) => field === this.header[i])) return undefined;
    return { line: row.line, column: '', value: row.fields[0]!, reason: 'is the header line once more' };
  }

  private reject(row: Row, position: number, reason: string): Rejection {
    return { line: row.line, column: this.header[position]!, value: row.fields[position]!, reason };
  }

  /** The column that a rejected amount is reported for: the price's, or the quantity's where the price is a constant. */
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

/** The amount of a line, from the row's values or constants; null where the kind has no quantity or price. */
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

/** A constant as COPY text; `parseMapping` has checked it. */
function constantOf(mapping: ImportMapping, name: string): string {
  return copyText(String(fields[name]!.parser(mapping)(mapping.constants![name]!)));
}

/** Whether a code is that of merchandise, i.e. fits none of the patterns. */
function merchandiseTest(nonMerchandise: readonly string[]): (code: string) => boolean {
  const alternatives = nonMerchandise.map((pattern) => pattern.split('*').map(escapeForRegExp).join('.*'));
  const expression = new RegExp(`^(?:${alternatives.join('|')})$`, 'i');
  return (code) => !expression.test(code);
}

const escapeForRegExp = (literal: string) => literal.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
