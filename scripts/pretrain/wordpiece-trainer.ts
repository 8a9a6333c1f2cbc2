/**
 * A vocabulary for WordPiece (Wu et al. 2016) by the bottom-up merging of byte-pair encoding (Sennrich, Haddow &
 * Birch 2016), as Hugging Face's trainer makes it: the most frequent pair of neighbours becomes a piece, until the
 * vocabulary is full. Pieces inside a word carry `##`.
 */

export const specialTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;

const punctuation = /[\p{P}!-/:-@[-`{-~]/u;
const ideograph = /\p{Script=Han}/u;
const letters = /^\p{L}+$/u;

/** The words of a text as `BertNormalizer` (lowercase, accents off) and `BertPreTokenizer` cut them. */
export function bertWords(text: string): string[] {
  const normal = text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '');
  const spaced = normal.replace(/[\p{P}!-/:-@[-`{-~]|\p{Script=Han}/gu, ' $& ');
  return spaced.split(/\s+/u).filter((word) => word !== '');
}

interface VocabularyOptions {
  /** Exact size; places that the words do not fill become `[unused0]`, `[unused1]`, ... */
  readonly size: number;
  /** Characters to know whether they occur or not. */
  readonly alphabet: readonly string[];
  /** Words to know as a whole. */
  readonly words?: readonly string[];
  /** A pair must occur this often to become a piece. */
  readonly minFrequency: number;
}

/**
 * @param counts words as `bertWords` gives them, and how often each occurs
 * @returns the pieces; a piece's place is its id
 */
export function trainWordPiece(counts: ReadonlyMap<string, number>, options: VocabularyOptions): string[] {
  const vocabulary = new Set<string>(specialTokens);
  for (const character of options.alphabet) vocabulary.add(character);
  for (const character of options.alphabet) {
    if (!punctuation.test(character) && !ideograph.test(character)) vocabulary.add(`##${character}`);
  }
  for (const word of options.words ?? []) vocabulary.add(word);
  const pairs = new PairCounts(counts);
  while (vocabulary.size < options.size) {
    const best = pairs.mostFrequent();
    if (!best || best.frequency < options.minFrequency) break;
    vocabulary.add(pairs.merge(best.pair));
  }
  for (let i = 0; vocabulary.size < options.size; i++) vocabulary.add(`[unused${i}]`);
  return [...vocabulary].slice(0, options.size);
}

interface Word {
  symbols: string[];
  readonly count: number;
}

/** How often each two pieces stand side by side, kept up while pieces are merged. */
class PairCounts {
  private readonly words: Word[];
  private readonly frequencies = new Map<string, number>();
  private readonly wordsWith = new Map<string, Set<number>>();

  constructor(counts: ReadonlyMap<string, number>) {
    this.words = [...counts].map(([word, count]) => ({
      symbols: [...word].map((character, i) => (i === 0 ? character : `##${character}`)),
      count,
    }));
    this.words.forEach((_, index) => this.count(index, 1));
  }

  /** Equally frequent pairs: the first in the alphabet, so that the vocabulary does not depend on the corpus' order. */
  mostFrequent(): { pair: string; frequency: number } | undefined {
    let best: { pair: string; frequency: number } | undefined;
    for (const [pair, frequency] of this.frequencies) {
      if (!best || frequency > best.frequency || (frequency === best.frequency && pair < best.pair)) {
        best = { pair, frequency };
      }
    }
    return best;
  }

  /** Makes one piece of the pair, in every word. Returns the piece. */
  merge(pair: string): string {
    const [left, right] = pair.split(' ') as [string, string];
    const piece = left + right.slice(2);
    for (const index of this.wordsWith.get(pair) ?? []) {
      this.count(index, -1);
      const word = this.words[index] as Word;
      word.symbols = joined(word.symbols, left, right, piece);
      this.count(index, 1);
    }
    this.frequencies.delete(pair);
    this.wordsWith.delete(pair);
    return piece;
  }

  private count(index: number, sign: 1 | -1): void {
    const { symbols, count } = this.words[index] as Word;
    for (let i = 0; i + 1 < symbols.length; i++) {
      const [left, right] = [symbols[i] as string, symbols[i + 1] as string];
      // Digits and signs stay apart: a number that is not among `words` is spelled out.
      if (!letters.test(left.replace('##', '')) || !letters.test(right.slice(2))) continue;
      const pair = `${left} ${right}`;
      const frequency = (this.frequencies.get(pair) ?? 0) + sign * count;
      if (frequency > 0) this.frequencies.set(pair, frequency);
      else this.frequencies.delete(pair);
      const words = this.wordsWith.get(pair);
      if (words) words.add(index);
      else this.wordsWith.set(pair, new Set([index]));
    }
  }
}

function joined(symbols: readonly string[], left: string, right: string, piece: string): string[] {
  const result: string[] = [];
  for (let i = 0; i < symbols.length; i++) {
    if (symbols[i] === left && symbols[i + 1] === right) {
      result.push(piece);
      i++;
    } else {
      result.push(symbols[i] as string);
    }
  }
  return result;
}
