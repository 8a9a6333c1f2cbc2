const DIGITS = 0x10000;

/**
 * Row numbers by falling key; rows of equal key keep their order. A radix sort over the bits of the numbers: many
 * times as fast as sorting with a comparison, which the bootstrap would do thousands of times.
 *
 * @param keys finite numbers, or infinite ones; not NaN
 */
export function descendingOrder(keys: ArrayLike<number>): Uint32Array {
  const [low, high] = sortableWords(keys);
  let order = new Uint32Array(keys.length);
  for (let i = 0; i < order.length; i++) order[i] = i;
  let spare = new Uint32Array(keys.length);
  for (const [words, shift] of [
    [low, 0],
    [low, 16],
    [high, 0],
    [high, 16],
  ] as const) {
    if (sortByDigit(words, shift, order, spare)) [order, spare] = [spare, order];
  }
  return order;
}

/** The two halves of every key's bits, turned so that they fall as unsigned numbers where the key rises. */
function sortableWords(keys: ArrayLike<number>): [Uint32Array, Uint32Array] {
  const low = new Uint32Array(keys.length);
  const high = new Uint32Array(keys.length);
  const view = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < keys.length; i++) {
    view.setFloat64(0, keys[i]! + 0); // -0 and 0 are one key
    const top = view.getUint32(0);
    const bottom = view.getUint32(4);
    const negative = top >= 0x80000000;
    high[i] = negative ? top : top ^ 0x7fffffff;
    low[i] = negative ? bottom : ~bottom;
  }
  return [low, high];
}

/** One stable pass from `from` to `to` by 16 bits of the words; false, with nothing moved, where they are all alike. */
function sortByDigit(words: Uint32Array, shift: number, from: Uint32Array, to: Uint32Array): boolean {
  const next = new Uint32Array(DIGITS + 1);
  for (const word of words) next[((word >>> shift) & 0xffff) + 1]!++;
  if (words.length === 0 || next[((words[0]! >>> shift) & 0xffff) + 1] === words.length) return false;
  for (let digit = 0; digit < DIGITS; digit++) next[digit + 1]! += next[digit]!;
  for (const row of from) to[next[(words[row]! >>> shift) & 0xffff]!++] = row;
  return true;
}
