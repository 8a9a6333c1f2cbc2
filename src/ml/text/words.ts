/** Long runs are cut: scripts without spaces write a sentence as one. */
const longestWord = 16;

/** The words of a text in lower case, without punctuation. */
export function wordsOf(text: string): string[] {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+(?:['’][\p{L}]+)?/gu) ?? [];
  return words.map((word) => (word.length <= longestWord ? word : [...word].slice(0, longestWord).join('')));
}
