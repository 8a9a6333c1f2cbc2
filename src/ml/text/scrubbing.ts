import { shownText } from './shown-text.js';
import { mayBeCut, unbrokenWordsOf, wordsOf } from './words.js';

/** What a customer wrote, cut to so many words, without what could identify a person. */
export type Scrubber = (text: string, words: number) => string;

/**
 * Removes from texts e-mail addresses, links, handles, long numbers and the words of `personal` (the customer's name and e-mail
 * address). Names are also found inflected, spelled without accents, or in a script without spaces.
 */
export function scrubberOf(personal: string): Scrubber {
  const names = unbrokenWordsOf(personal.replaceAll(endOfDomain, '$1'))
    .map(withoutItsDigits)
    .filter((word) => [...word].length >= 2);
  const isPersonal = personalWords(names);
  return (text, words) =>
    wordsOf(withoutNamesInside(withoutAddresses(shownText(text)), names))
      .filter((word) => !isPersonal(word))
      .slice(0, words)
      .join(' ');
}

/** The last part of an e-mail address, such as `com`, which is nobody's name. */
const endOfDomain = /(@\S+)\.\p{L}{2,}/gu;

function withoutAddresses(text: string): string {
  return (
    text
      .normalize('NFKC')
      .replace(/\S*@\S*/gu, ' ')
      .replace(/(?:[a-z][a-z+.-]*:\/\/|www\.)\S*/giu, ' ')
      .replace(webAddress, ' ')
      // Phone, card, order and account numbers, in digits of any script and grouped by any non-letters, invisible ones included.
      .replace(/\+?\(?\p{Nd}(?:[^\p{L}\p{N}]*\p{Nd}){5,}\p{M}*/gu, ' ')
  );
}

/** Letters of a host's name. Chinese is not among them: it is written right before and after an address, without a space. */
const hostLetters = String.raw`\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\d`;
const webAddress = new RegExp(
  String.raw`(?<![${hostLetters}-])(?:[${hostLetters}-]+\.)+(?:com|org|net|info|io|co|shop|dev|app|biz|online|store|site|xyz|рф|[a-z]{2})(?![${hostLetters}])(?:\/\S*)?`,
  'giu',
);

/** Scripts without spaces between words, or with endings of any length: names are looked for inside of words. */
const spaceless =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+$/u;
/** Scripts that write conjunctions and articles together with the next word. */
const prefixing = /^[\p{Script=Arabic}\p{Script=Hebrew}\p{M}]+$/u;

function withoutNamesInside(text: string, names: readonly string[]): string {
  const inside = names.flatMap((name) => (spaceless.test(name) ? [name, ...namesWithin(name)] : []));
  // Longer ones first: a name may be part of another one.
  return inside.sort((a, b) => b.length - a.length).reduce((left, name) => left.replaceAll(name, ' '), text);
}

/** The family name (the first character or two) and the given name (the rest) of a name written without a space. */
function namesWithin(name: string): string[] {
  const characters = [...name];
  if (!/^(?:\p{Script=Han}{3,4}|\p{Script=Hangul}{3,4})$/u.test(name)) return [];
  const given = characters.slice(1).join('');
  return characters.length === 3 ? [given] : [given, characters.slice(0, 2).join(''), characters.slice(2).join('')];
}

const isAscii = /^[\x20-\x7e]*$/;

/** Whether a word is one of the names, or a form of one. */
function personalWords(names: readonly string[]): (word: string) => boolean {
  // `Anna-Maria` is also written `Annamaria`, and Anna Miller has the account `milleranna`.
  const joined = names.slice(1).flatMap((name, i) => [names[i]! + name, name + names[i]!]);
  const known = new Set([...names, ...joined].flatMap((name) => partsOf(name).flatMap(spellings)));
  const stems = [...known].map(stemOf).filter((stem) => stem !== null);
  const infixes = [...known].filter((name) => [...name].length >= 3 && prefixing.test(name));
  const isInflected = (spelling: string) =>
    stems.some(({ stem, longest }) => spelling.startsWith(stem) && spelling.length <= longest) ||
    infixes.some((name) => spelling.includes(name));
  const beginsName = (spelling: string) => [...known].some((name) => name.startsWith(spelling));
  return (word) =>
    [word, withoutDigits(word)]
      .flatMap(partsOf)
      .flatMap(spellings)
      .some((spelling) => known.has(spelling) || isInflected(spelling) || (mayBeCut(word) && beginsName(spelling)));
}

/** `anna1990` without digits is `anna`. */
const withoutDigits = (word: string): string => word.replaceAll(/\p{N}+/gu, '');

/** Whoever has the address `anna1990@example.com` signs as Anna. */
function withoutItsDigits(name: string): string {
  const letters = withoutDigits(name);
  return [...letters].length >= 2 ? letters : name;
}

interface Stem {
  readonly stem: string;
  /** Most letters that an inflected form may have. */
  readonly longest: number;
}

const endsInVowel = /[aeiouyаяоеиыуюэй]$/u;

/** Inflection changes the last vowel (`Anny`, `Иванову`), of long names any last letter, or adds a short ending (`Novákovi`). */
function stemOf(name: string): Stem | null {
  const letters = [...name].length;
  if (letters < 3) return null;
  const changes = letters >= 6 || (letters >= 4 && endsInVowel.test(name));
  return { stem: changes ? name.slice(0, -1) : name, longest: name.length + (letters === 3 ? 2 : 3) };
}

/** A word without its apostrophes, and the parts between them that have three letters or more. */
function partsOf(word: string): string[] {
  const parts = word.split(/['’]/u);
  return [parts.join(''), ...(parts.length > 1 ? parts.filter((part) => part.length >= 3) : [])];
}

/** Letters that are not a plain one with an accent. */
const plainLetters: Readonly<Record<string, string>> = {
  ß: 'ss',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
};
const umlauts: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue' };

/** A word without accents, and with German umlauts as `ae`, `oe`, `ue`. Nearly all words have neither. */
function spellings(word: string): string[] {
  if (isAscii.test(word)) return [word];
  const bare = (text: string) =>
    text
      .normalize('NFKD')
      .replaceAll(/\p{M}/gu, '')
      .replaceAll(/[ßøłđðþæœı]/g, (letter) => plainLetters[letter]!);
  return [bare(word), bare(word.normalize('NFC').replaceAll(/[äöü]/g, (letter) => umlauts[letter]!))];
}
