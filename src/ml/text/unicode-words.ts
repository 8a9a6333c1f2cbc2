/** Of `tokenizer.json`: how a text is cut before its pieces are looked for. */
export interface PreTokenizer {
  readonly type?: string;
  readonly pretokenizers?: readonly PreTokenizer[];
}

/** `\w` of Rust's regular expressions (Unicode Technical Standard 18, annex C), for the inside of a class. */
const letters = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}`;

/**
 * Hugging Face's `Whitespace`, which cuts at Unicode's words; the JavaScript library takes letters beyond ASCII for
 * punctuation there. What it does with a pattern is the same.
 */
const whitespace = {
  type: 'Split',
  pattern: { Regex: String.raw`[${letters}]+|[^${letters}\s]+` },
  behavior: 'Removed',
  invert: true,
};

export function withUnicodeWords(given: PreTokenizer): PreTokenizer {
  if (given.type === 'Whitespace') return whitespace;
  if (!given.pretokenizers) return given;
  return { ...given, pretokenizers: given.pretokenizers.map(withUnicodeWords) };
}
