export interface RowGroups {
  /** For every row, the number of its group. Groups are numbered in the order of their first rows. */
  groupOf: Int32Array;
  /** For every group, its first row. */
  firstRow: Int32Array;
  /** For every group, how many rows it has. */
  count: Float64Array;
}

/** Groups the rows that agree in every column (open addressing over the bits of the numbers: linear time). */
export function groupRows(columns: readonly Float64Array[]): RowGroups {
  const rows = columns[0]?.length ?? 0;
  const mask = 2 ** Math.ceil(Math.log2(2 * rows + 2)) - 1;
  const slots = new Int32Array(mask + 1).fill(-1);
  const groupOf = new Int32Array(rows);
  const firstRow = new Int32Array(rows);
  const count = new Float64Array(rows);
  const number = new Float64Array(1);
  const words = new Uint32Array(number.buffer);
  let groups = 0;
  for (let row = 0; row < rows; row++) {
    let hash = 0;
    for (const column of columns) {
      number[0] = column[row]!;
      hash = mix(mix(hash ^ words[0]!) ^ words[1]!);
    }
    let slot = hash & mask;
    while (slots[slot]! >= 0 && !sameRow(columns, firstRow[slots[slot]!]!, row)) slot = (slot + 1) & mask;
    if (slots[slot]! < 0) {
      firstRow[groups] = row;
      slots[slot] = groups++;
    }
    const group = slots[slot]!;
    groupOf[row] = group;
    count[group]!++;
  }
  return { groupOf, firstRow: firstRow.slice(0, groups), count: count.slice(0, groups) };
}

/** The finaliser of MurmurHash3: every bit of the input moves every bit of the result. */
function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function sameRow(columns: readonly Float64Array[], left: number, right: number): boolean {
  for (const column of columns) if (column[left] !== column[right]) return false;
  return true;
}
