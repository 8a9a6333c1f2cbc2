import { shownText } from './shown-text.js';

/** Long runs are cut: not every sentence in a script without spaces can be told apart. */
const longestWord = 16;
/** Scripts that put no spaces between words. */
const spaceless =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** The words of a text in lower case, without punctuation and the marks of HTML. */
export function wordsOf(text: string): string[] {
  return unbrokenWordsOf(text)
    .flatMap((run) => (spaceless.test(run) ? segments(run) : [run]))
    .map(cut);
}

/** The words in full; what a script without spaces writes as one stays one. */
export function unbrokenWordsOf(text: string): readonly string[] {
  return (
    shownText(text)
      .normalize('NFKC')
      .toLowerCase()
      // A mark without a letter before it belongs to a symbol, as the one behind a heart that makes it an emoji.
      .match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}]*(?:['’][\p{L}]+)?/gu) ?? []
  );
}

/** Whether more letters of it may have been cut off. */
export const mayBeCut = (word: string): boolean => word.length >= longestWord;

/** Without what stands between them, such as a quotation mark. */
const segments = (run: string): string[] =>
  Array.from(segmenter.segment(run), ({ segment }) => segment).filter((segment) => /[\p{L}\p{N}]/u.test(segment));

const cut = (word: string): string => (word.length <= longestWord ? word : [...word].slice(0, longestWord).join(''));
