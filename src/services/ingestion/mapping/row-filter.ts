import { quoted, shortened } from '../../../text.js';
import type { ImportMapping } from '../import.types.js';
import type { Row } from '../files/row-source.js';

/** Further values are not told apart. */
const mostValues = 1_000;

interface Condition {
  readonly column: string;
  readonly position: number;
  readonly values: ReadonlySet<string>;
}

/**
 * Says which rows a mapping's `only` leaves out. Of order lines, a field that is empty is that of the line above where
 * both are of one order: shops write an order's status into its first line alone.
 */
export class RowFilter {
  /** Column and value, e.g. `"Status" is "open"`, to the number of rows that are left out by them. */
  readonly leftOut = new Map<string, number>();
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
    this.conditions = Object.entries(only).map(([column, values], i) => {
      return { column, position: positions[i]!, values: new Set(values) };
    });
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
    const failed = this.conditions.findIndex((condition, i) => !condition.values.has(values[i]!));
    if (failed < 0) return true;
    this.count(this.conditions[failed]!.column, values[failed]!);
    return false;
  }

  private count(column: string, value: string): void {
    const reason = `${quoted(column)} is ${quoted(shortened(value, 60))}`;
    const { leftOut } = this;
    if (leftOut.has(reason) || leftOut.size < mostValues) leftOut.set(reason, (leftOut.get(reason) ?? 0) + 1);
  }
}
