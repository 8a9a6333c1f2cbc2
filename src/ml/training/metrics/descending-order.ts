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
  for (const words of [low, high]) {
    for (let shift = 0; shift < 32; shift += 8) {
      if (sortByByte(words, shift, order, spare)) [order, spare] = [spare, order];
    }
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

/** One stable pass from `from` to `to` by 8 bits of the words; false, with nothing moved, where they are all alike. */
function sortByByte(words: Uint32Array, shift: number, from: Uint32Array, to: Uint32Array): boolean {
  const next = new Uint32Array(257);
  for (let i = 0; i < words.length; i++) next[((words[i]! >>> shift) & 0xff) + 1]!++;
  if (next.includes(words.length)) return false;
  for (let byte = 0; byte < 256; byte++) next[byte + 1]! += next[byte]!;
  for (let i = 0; i < from.length; i++) to[next[(words[from[i]!]! >>> shift) & 0xff]!++] = from[i]!;
  return true;
}
