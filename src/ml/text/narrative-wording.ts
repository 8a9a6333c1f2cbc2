import { wordsOf } from './words.js';

/** Two significant digits at most and no decimals: few different numbers, so that a tokeniser meets each of them often. */
export function roundNumber(value: number): string {
  const magnitude = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(value)))) - 1);
  return String(Math.round(value / magnitude) * magnitude || 0);
}

/** `12 days`, `14 months`, `3 years`. */
export function duration(days: number): string {
  if (days < 60) return roughCount(Math.round(days), 'day');
  if (days < 730) return roughCount(Math.round(days / 30.44), 'month');
  return roughCount(Math.round(days / 365.25), 'year');
}

export function roughCount(count: number, noun: string): string {
  return `${roundNumber(count)} ${noun}${roundNumber(count) === '1' ? '' : 's'}`;
}

/** The first words of a text, in lower case and without punctuation. */
export function firstWords(text: string, words: number): string {
  return wordsOf(text).slice(0, words).join(' ');
}

/** The first words of a product's name that say what it is: no numbers, codes and packaging, if anything else is left. */
export function productName(name: string, words: number): string {
  const { all, telling } = productWords(name);
  return (telling.length > 0 ? telling : all).slice(0, words).join(' ');
}

/**
 * What the narrative says of a list of product names: the words that most of them have, in the order of the names where as many have them.
 * @param names most important first
 */
export function theme(names: readonly string[], words: number): string[] {
  return mostFrequent(
    names.map((name) => productWords(name).telling),
    words,
  );
}

/** `theme` of captions of pictures. These are sentences: words such as articles and prepositions are left out. */
export function captionTheme(captions: readonly string[], words: number): string[] {
  const telling = captions.map((caption) => productWords(caption).telling.filter((word) => !sentenceWords.has(word)));
  return mostFrequent(telling, words);
}

function mostFrequent(lists: readonly (readonly string[])[], words: number): string[] {
  const counts = new Map<string, number>();
  for (const list of lists) {
    for (const word of new Set(list)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const byCount = [...counts].sort(([, left], [, right]) => right - left);
  return byCount.slice(0, words).map(([word]) => word);
}

export function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== '');
}

interface ProductWords {
  readonly all: readonly string[];
  readonly telling: readonly string[];
}

/** Names kept in memory at most: a shop has fewer products than customers, who buy the same ones. */
const namesLimit = 50_000;
const knownNames = new Map<string, ProductWords>();

function productWords(name: string): ProductWords {
  const known = knownNames.get(name);
  if (known) return known;
  const all = wordsOf(name);
  const words = { all, telling: all.filter(isTelling) };
  if (knownNames.size >= namesLimit) knownNames.clear();
  knownNames.set(name, words);
  return words;
}

/** Words of one or two letters, or of one letter of Hiragana, which only join others. */
const joining = /^(?:[a-z]{1,2}|\p{Script=Hiragana})$/u;

/** Whether a word of a product's name says what it is. Short words of scripts other than Latin often do. */
function isTelling(word: string): boolean {
  return !/\d/.test(word) && !joining.test(word) && !emptyWords.has(word);
}

const emptyWords = new Set(
  'and the for with from set pack box assorted design designs piece pieces small large medium mini size new'.split(' '),
);

/** Words of captions that say nothing, as models for English write them. */
const sentenceWords = new Set(
  (
    'are has have its that there this some one two three other next top front side back close view picture photo photograph ' +
    'image background sitting standing lying laying hanging being shown showing displayed placed over under behind between ' +
    'near around along against into out off while made'
  ).split(' '),
);
