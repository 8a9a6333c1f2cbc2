import type { FeatureGroup, NarrativeSpan } from '../features/feature-group.js';
import type { Tokenizer, TokenizerFiles } from './tokenizer.js';
import { wordsOf } from './words.js';

/** Groups whose words are the shop's; the others' are of customers or of the narrative. */
const shopGroups = new Set<FeatureGroup>(['categories', 'basket', 'country']);
/**
 * Letters per piece, below which a vocabulary spells names nearly letter by letter. The built-in one has 2.9 and more for English names,
 * and about 2 for German, French and Spanish, whose pieces tell as much as their words.
 */
const spelled = 1.5;
/** Least number of customers who have a word in their narratives: with fewer, training learns nothing of it. */
const fewestCustomers = 5;
const mostWords = 4_096;
/** What the narrative itself says around the shop's words. */
const narrativeWords = new Set('buys last time item items for ago day days month months year years from'.split(' '));
/** BERT splits words into single Chinese characters, and at apostrophes. */
const readApart = /\p{Script=Han}|[^\p{Script=Han}'’]+/gu;

/** How many customers have each word. */
type WordCounts = readonly (readonly [word: string, customers: number])[];

/**
 * The words of a shop's products, categories and countries that the vocabulary spells in pieces or does not know at all, most common
 * first. Empty where the vocabulary suits the shop's language.
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

/** Mean number of letters per piece; an unknown word counts as spelled letter by letter. */
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

/** The parts of `tokenizer.json` that are looked at here. */
interface Definition {
  readonly normalizer?: {
    readonly type?: string;
    readonly lowercase?: boolean;
    readonly strip_accents?: boolean | null;
  } | null;
  readonly model: { readonly type?: string; readonly vocab: Readonly<Record<string, number>> };
}

/**
 * Adds words to the tokenizer's vocabulary, in this order, as `BertNormalizer` writes them.
 * @param firstId id of the first word
 * @returns null where the vocabulary is not of BERT's kind: byte-level ones spell any word
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
