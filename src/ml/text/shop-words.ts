import type { FeatureGroup, NarrativeSpan } from '../features/feature-group.js';
import type { Tokenizer, TokenizerFiles } from './tokenizer.js';
import { wordsOf } from './words.js';

/** What a shop says of itself; what customers write is theirs. */
const shopGroups = new Set<FeatureGroup>(['categories', 'basket', 'country']);
/**
 * Letters a piece. By fewer, a vocabulary spells names letter by letter; the built-in one has 2.9 and more in English ones, about 2 in
 * German, French and Spanish, whose pieces tell as much as their words.
 */
const spelled = 1.5;
/** Customers who must have a word in their narratives: of what fewer have training learns nothing. */
const fewestCustomers = 5;
const mostWords = 4_096;
/** What the narrative itself says around the shop's words. */
const narrativeWords = new Set('buys last time item items for ago day days month months year years from'.split(' '));
/** BERT reads each Chinese character on its own, and what stands before an apostrophe apart from what stands behind it. */
const readApart = /\p{Script=Han}|[^\p{Script=Han}'’]+/gu;

/** How many customers have each word. */
type WordCounts = readonly (readonly [word: string, customers: number])[];

/**
 * Where the shop writes otherwise than the vocabulary: the words of its products, categories and countries that the
 * vocabulary spells in pieces or does not know at all, most common first. Else none.
 * @param narratives of a sample of customers
 */
export function wordsToLearn(tokenizer: Tokenizer, narratives: readonly (readonly NarrativeSpan[])[]): string[] {
  const counts = countWords(narratives);
  if (lettersAPiece(tokenizer, counts) > spelled) return [];
  return counts
    .filter(([word, customers]) => customers >= fewestCustomers && !isOnePiece(tokenizer, word))
    .sort(([, left], [, right]) => right - left)
    .slice(0, mostWords)
    .map(([word]) => word);
}

function countWords(narratives: readonly (readonly NarrativeSpan[])[]): WordCounts {
  const counts = new Map<string, number>();
  for (const narrative of narratives) {
    const words = narrative
      .filter(({ group }) => shopGroups.has(group))
      .flatMap(({ text }) => wordsOf(text))
      .filter((word) => !narrativeWords.has(word) && !/^\d+$/.test(word))
      .flatMap((word) => word.match(readApart) ?? []);
    for (const word of new Set(words)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts];
}

/** An unknown word counts as if it were spelled letter by letter. */
function lettersAPiece(tokenizer: Tokenizer, counts: WordCounts): number {
  let [letters, pieces] = [0, 0];
  for (const [word, customers] of counts) {
    const length = [...word].length;
    letters += customers * length;
    pieces += customers * (isUnknown(tokenizer, word) ? length : tokenizer.idsOf(word).length);
  }
  return letters / Math.max(pieces, 1);
}

function isUnknown(tokenizer: Tokenizer, word: string): boolean {
  const { unk } = tokenizer.special;
  return unk !== undefined && tokenizer.idsOf(word).includes(unk);
}

function isOnePiece(tokenizer: Tokenizer, word: string): boolean {
  return tokenizer.idsOf(word).length === 1 && !isUnknown(tokenizer, word);
}

/** Of `tokenizer.json`, what is looked at here. */
interface Definition {
  readonly normalizer?: {
    readonly type?: string;
    readonly lowercase?: boolean;
    readonly strip_accents?: boolean | null;
  } | null;
  readonly model: { readonly type?: string; readonly vocab: Readonly<Record<string, number>> };
}

/**
 * The tokenizer with more words in its vocabulary, in this order, as `BertNormalizer` makes them.
 * @param firstId of the first one
 * @returns null where the vocabulary is not of BERT's kind, whose words stand for themselves: byte-level ones spell any word
 */
export function withWords(
  { tokenizer, config }: TokenizerFiles,
  words: readonly string[],
  firstId: number,
): TokenizerFiles | null {
  const definition = JSON.parse(tokenizer) as Definition;
  const { normalizer, model } = definition;
  if (model.type !== 'WordPiece' || normalizer?.type !== 'BertNormalizer') return null;
  const stripped = normalizer.strip_accents ?? normalizer.lowercase;
  const read = (word: string): string => (stripped ? word.normalize('NFD').replaceAll(/\p{Mn}/gu, '') : word);
  const learnt = Object.fromEntries(words.map((word, i) => [read(word), firstId + i]));
  return {
    tokenizer: JSON.stringify({ ...definition, model: { ...model, vocab: { ...model.vocab, ...learnt } } }),
    config,
  };
}
