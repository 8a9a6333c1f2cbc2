import { ClvError } from '../../errors.js';
import { shortened } from '../../text.js';
import type { PreTokenizer } from './unicode-words.js';

/** The normalizer of `tokenizer.json`: what is done to a text before it is cut into words. */
export interface Normalizer {
  readonly type?: unknown;
  readonly normalizers?: unknown;
}

type Step = Readonly<Record<string, unknown>>;

/** Normalizers without a pattern, of BERT, DistilBERT, RoBERTa, its relatives in other languages, and GPT-2. */
const plainNormalizers = new Set<unknown>([
  'BertNormalizer',
  'Precompiled',
  'NFC',
  'NFD',
  'NFKC',
  'NFKD',
  'Strip',
  'StripAccents',
  'Lowercase',
]);
const plainPreTokenizers = new Set<unknown>([
  'BertPreTokenizer',
  'Whitespace',
  'WhitespaceSplit',
  'ByteLevel',
  'Digits',
]);
/** The patterns that are allowed, since others may take unbounded time: GPT-2's, and those of SentencePiece's vocabularies. */
const patterns = new Set<unknown>([
  String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
  String.raw`'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`,
  ' {2,}',
  String.raw`\s+`,
]);
/** Limits of steps in a sequence, and of sequences within one another. */
const mostSteps = 16;
const mostLevels = 3;

/**
 * Checks the steps that a tokenizer's files apply to every text. Only those of the supported families are allowed: in a checkpoint of
 * unknown origin, a pattern may take for ever, and replacements may double a text at each step.
 * @throws ClvError CHECKPOINT_INVALID
 */
export function requireKnownSteps(
  normalizer: Normalizer | null | undefined,
  cut: PreTokenizer | null | undefined,
): void {
  const normalizers = stepsOf(normalizer, 'normalizers');
  const cuts = stepsOf(cut, 'pretokenizers');
  const unknown = normalizers.find((step) => !isNormalizer(step)) ?? cuts.find((step) => !isPreTokenizer(step));
  if (unknown) {
    const text = shortened(JSON.stringify(unknown), 200);
    throw new ClvError('CHECKPOINT_INVALID', `its step ${text} is none of BERT, DistilBERT, RoBERTa or GPT-2`);
  }
}

function stepsOf(given: unknown, inner: string, level = 0): Step[] {
  if (typeof given !== 'object' || given === null) return [];
  const step = given as Step;
  const within = step[inner];
  if (step['type'] !== 'Sequence' || !Array.isArray(within)) return [step];
  const steps =
    level < mostLevels && within.length <= mostSteps ? within.flatMap((one) => stepsOf(one, inner, level + 1)) : null;
  if (steps && steps.length <= mostSteps) return steps;
  throw new ClvError('CHECKPOINT_INVALID', `it has more than ${mostSteps} steps, or they lie too deep`);
}

function isNormalizer(step: Step): boolean {
  const { type, pattern, content, prepend } = step;
  if (type === 'Prepend') return isOneCharacter(prepend);
  // The replacement must not be longer than what it replaces.
  if (type === 'Replace') return isPattern(pattern, String(content ?? '').length);
  return plainNormalizers.has(type);
}

function isPreTokenizer(step: Step): boolean {
  const { type, pattern, behavior = 'Isolated', replacement = ' ', str_rep = ' ' } = step;
  if (type === 'Split') return isPattern(pattern, 0) && isCut(step);
  if (type === 'Punctuation') return behavior === 'Isolated' || behavior === 'Contiguous';
  if (type === 'Metaspace') return isOneCharacter(replacement) && isOneCharacter(str_rep);
  return plainPreTokenizers.has(type);
}

/** Whether the library splits at the pattern as Hugging Face's others do. It treats all other behaviors as one of these. */
function isCut({ pattern, behavior, invert }: Step): boolean {
  if (invert === true) return behavior === 'Removed';
  // A plain text that is to be removed is kept by the library.
  return behavior === 'Isolated' || (behavior === 'Removed' && (pattern as Step)['Regex'] !== undefined);
}

/** @param length of the text that replaces it */
function isPattern(pattern: unknown, length: number): boolean {
  if (typeof pattern !== 'object' || pattern === null) return false;
  const { Regex: regex, String: text } = pattern as Step;
  if (regex !== undefined) return patterns.has(regex) && length <= 1;
  return typeof text === 'string' && text !== '' && length <= text.length;
}

const isOneCharacter = (text: unknown): boolean => typeof text === 'string' && text.length <= 1;
