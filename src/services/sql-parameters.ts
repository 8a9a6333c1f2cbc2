export interface Statement {
  readonly sql: string;
  readonly parameters: unknown[];
}

/** Collects the values of a statement that is put together from parts; its text has only their placeholders. */
export class SqlParameters {
  readonly values: unknown[] = [];

  /** @returns the value's placeholder with its type, e.g. `$3::text[]` */
  add(value: unknown, type: string): string {
    this.values.push(value);
    return `$${this.values.length}::${type}`;
  }
}
