import type { HostTensor } from '../engine/engine.js';

/** Programs have static shapes: few sizes serve all batches. */
export const smallestList = 512;
/** A list must be this much shorter than the table: taking rows out and putting them back copies the table, too. */
const worthwhile = 16;

/** Whether a list of so many words saves time with so large a vocabulary. */
export const listPays = (size: number, vocabSize: number): boolean => worthwhile * size < vocabSize;

/**
 * A batch's token ids as places in a list of the words that it has, for a training step that reads and changes no
 * others.
 * @param tokenIds int32 [B, L]
 * @returns `wordRows` int32 [W], W different ids, and `tokenIds` [B, L] in places of it; as given, without a list, where
 *   it would save nothing
 */
export function wordRows(tokenIds: HostTensor, vocabSize: number): { tokenIds: HostTensor; wordRows?: HostTensor } {
  const places = new Map<number, number>();
  const local = Int32Array.from(tokenIds.data, (id) => {
    const place = places.get(id) ?? places.size;
    places.set(id, place);
    return place;
  });
  let size = smallestList;
  while (size < places.size) size *= 2;
  if (!listPays(size, vocabSize)) return { tokenIds };
  // The rest of the list are words that nobody has: each may stand in it once only.
  for (let id = 0; places.size < size; id++) if (!places.has(id)) places.set(id, places.size);
  const data = Int32Array.from(places.keys());
  return { tokenIds: { ...tokenIds, data: local }, wordRows: { shape: [size], dtype: 'int32', data } };
}
