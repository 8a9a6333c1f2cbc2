import type { PreTokenizer } from './unicode-words.js';

/** Turns the pieces of a text, called in their order, into readable ones; one that continues the word before begins with `##`. */
export type Reader = (piece: string) => string;

const goesOn = (text: string): string => `##${text}`;

/**
 * Makes readers that turn the pieces of any vocabulary into BERT's notation. Byte-level vocabularies write each byte as a letter, and a
 * space as `Ġ`; a character of several pieces is returned with the last one. SentencePiece's write a space as `▁`. BPE with a suffix has
 * it at the end of words.
 * @param cut the `pre_tokenizer` of `tokenizer.json`
 * @param suffix its `end_of_word_suffix`
 */
export function readerOf(cut: PreTokenizer | null | undefined, suffix: unknown): () => Reader {
  if (includes(cut, 'ByteLevel')) return readsBytes;
  if (includes(cut, 'Metaspace')) return () => readsSpaces;
  return typeof suffix === 'string' && suffix !== '' ? () => readsEnds(suffix) : () => (piece) => piece;
}

function includes(cut: PreTokenizer | null | undefined, type: string): boolean {
  return cut?.type === type || (cut?.pretokenizers ?? []).some((one) => includes(one, type));
}

function readsBytes(): Reader {
  const decoder = new TextDecoder();
  return (piece) => {
    const bytes = Array.from(piece).flatMap((letter) => byteOf.get(letter) ?? [...Buffer.from(letter)]);
    const text = decoder.decode(Uint8Array.from(bytes), { stream: true });
    return text.startsWith(' ') ? text.slice(1) : goesOn(text);
  };
}

/** Bytes that can be seen stand for themselves, the others for letters from U+0100 on (GPT-2's `bytes_to_unicode`). */
const byteOf = (() => {
  const isSeen = (byte: number) => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  let other = 0x100;
  return new Map(Array.from({ length: 256 }, (_, byte) => [String.fromCharCode(isSeen(byte) ? byte : other++), byte]));
})();

const readsSpaces: Reader = (piece) => (piece.startsWith('▁') ? piece.slice(1) : goesOn(piece));

function readsEnds(suffix: string): Reader {
  let begins = true;
  return (piece) => {
    const ends = piece.endsWith(suffix);
    const text = ends ? piece.slice(0, -suffix.length) : piece;
    const read = begins ? text : goesOn(text);
    begins = ends;
    return read;
  };
}
