import type { ImportMapping } from './import.types.js';
import type { Row } from './row-source.js';

interface Condition {
  readonly position: number;
  readonly values: ReadonlySet<string>;
}

/**
 * Says which rows a mapping's `only` leaves out. Of order lines, a field that is empty is that of the line above where
 * both are of one order: shops write an order's status into its first line alone.
 */
export class RowFilter {
  private readonly conditions: readonly Condition[];
  private lastOrder: string | undefined;
  private lastValues: readonly string[] = [];

  /**
   * @param positions of the columns of `only`, in its order
   * @param orderPosition of the order's id; undefined where rows are no order lines
   */
  constructor(
    only: NonNullable<ImportMapping['only']>,
    positions: readonly number[],
    private readonly orderPosition: number | undefined,
  ) {
    this.conditions = Object.values(only).map((values, i) => ({ position: positions[i]!, values: new Set(values) }));
  }

  /** Rows that cannot be read are not left out, nor are lines that say nothing of their order: they are to be rejected. */
  takes(row: Row): boolean {
    if (row.malformed) return true;
    const order = this.orderPosition === undefined ? undefined : row.fields[this.orderPosition]?.trim();
    const isSameOrder = order !== undefined && order === this.lastOrder;
    const given = this.conditions.map(({ position }) => row.fields[position]?.trim() ?? '');
    if (order === '' && given.every((value) => value === '')) return true;
    const values = isSameOrder ? given.map((value, i) => value || this.lastValues[i]!) : given;
    this.lastOrder = order;
    this.lastValues = values;
    return this.conditions.every((condition, i) => condition.values.has(values[i]!));
  }
}
