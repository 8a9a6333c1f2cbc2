import { quoted, shortened } from '../../../text.js';
import type { ImportMapping } from '../import.types.js';
import type { Row } from '../files/row-source.js';

/** Number of values that are counted separately. */
const mostValues = 1_000;

interface Condition {
  readonly column: string;
  readonly position: number;
  readonly values: ReadonlySet<string>;
}

/**
 * Decides which rows a mapping's `only` leaves out. An empty field of an order line has the value of the line above, if both are of one
 * order: shops write an order's status into its first line only.
 */
export class RowFilter {
  /** Column and value, e.g. `"Status" is "open"`, to the number of rows left out. */
  readonly leftOut = new Map<string, number>();
  private readonly conditions: readonly Condition[];
  private lastOrder: string | undefined;
  private lastValues: readonly string[] = [];

  /**
   * @param positions of the columns of `only`, in its order
   * @param orderPosition of the order's id; undefined where rows are not order lines
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

  /** Unreadable rows and lines without an order are not left out, so that they are rejected. */
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
