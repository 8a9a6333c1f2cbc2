/** `pre_tokenizer` of `tokenizer.json`: how a text is cut before its pieces are looked for. */
export interface PreTokenizer {
  readonly type?: string;
  readonly pretokenizers?: readonly PreTokenizer[];
  readonly individual_digits?: unknown;
  readonly behavior?: unknown;
  readonly pattern?: unknown;
  readonly invert?: unknown;
}

/** `\w` of Rust's regular expressions (Unicode Technical Standard 18, annex C), for the inside of a class. */
const letters = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}`;

/** The words of Hugging Face's `Whitespace`, and what stands between them. */
const words = { Regex: String.raw`[${letters}]+|[^${letters}\s]+` };
const digit = { Regex: String.raw`\p{N}` };
const digits = { Regex: String.raw`\p{N}+` };
/** As in BERT: Unicode's punctuation, and all of ASCII that is no letter, digit or space. */
const punctuation = { Regex: String.raw`[\p{P}!-/:-@\[-\x60\{-~]` };

const isolated = 'Isolated';

/**
 * Steps that the JavaScript library takes for ASCII only, or in runs where Hugging Face's libraries take characters one by
 * one. What it does with a pattern is the same.
 */
export function withUnicodeWords(given: PreTokenizer): PreTokenizer {
  const { type, pretokenizers, individual_digits: apart, behavior = isolated } = given;
  if (type === 'Whitespace') return { type: 'Split', pattern: words, behavior: 'Removed', invert: true };
  if (type === 'Digits') return { type: 'Split', pattern: apart === true ? digit : digits, behavior: isolated };
  if (type === 'Punctuation' && behavior === isolated) return { type: 'Split', pattern: punctuation, behavior };
  return pretokenizers ? { ...given, pretokenizers: pretokenizers.map(withUnicodeWords) } : given;
}
