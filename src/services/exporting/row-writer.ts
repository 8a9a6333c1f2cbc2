import Papa from 'papaparse';
import { withoutFormulas } from '../spreadsheet-text.js';
import type { ExportedCustomer, ExportFormat } from './export.types.js';

/** Formats customers as the text of a file, batch by batch. */
export class RowWriter {
  /** Texts that got apostrophes. */
  escaped = 0;

  constructor(
    private readonly format: ExportFormat,
    private readonly columns: readonly string[],
    private readonly raw: boolean,
  ) {}

  /** The beginning of the file. */
  head(): string {
    return this.format === 'csv' ? this.lines([this.columns.map((column) => this.cell(column))]) : '';
  }

  rows(customers: readonly ExportedCustomer[]): string {
    if (this.format === 'jsonl') return customers.map((customer) => `${JSON.stringify(customer)}\n`).join('');
    return this.lines(customers.map((customer) => this.columns.map((column) => this.cell(customer[column] ?? null))));
  }

  private lines(cells: readonly (readonly unknown[])[]): string {
    return cells.length === 0 ? '' : `${Papa.unparse([...cells], { newline: '\n' })}\n`;
  }

  private cell<Value>(value: Value): Value | string {
    if (this.raw || typeof value !== 'string') return value;
    const harmless = withoutFormulas(value);
    if (harmless !== value) this.escaped++;
    return harmless;
  }
}
