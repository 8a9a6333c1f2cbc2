import { wordsOf } from './words.js';

/** What a customer wrote, cut to so many words, without what could identify a person. */
export type Scrubber = (text: string, words: number) => string;

/**
 * Takes e-mail addresses, links, handles, long numbers and the words of `personal` (the customer's name, addresses and
 * what else is known) out of texts, also where they are inflected, spelled without accents or written in a script without
 * spaces.
 */
export function scrubberOf(personal: string): Scrubber {
  const names = wordsOf(personal).filter((word) => [...word].length >= 2);
  const isPersonal = personalWords(names);
  return (text, words) =>
    wordsOf(withoutNamesInside(withoutAddresses(text), names))
      .filter((word) => !isPersonal(word))
      .slice(0, words)
      .join(' ');
}

function withoutAddresses(text: string): string {
  return (
    text
      .normalize('NFKC')
      .replace(/\S*@\S*/gu, ' ')
      .replace(/(?:[a-z][a-z+.-]*:\/\/|www\.)\S*/giu, ' ')
      .replace(webAddress, ' ')
      // Phone, card, order and account numbers, in any digits and however they are grouped.
      .replace(/\+?\(?\p{Nd}(?:[\s()./_·\p{Pd}]*\p{Nd}){5,}/gu, ' ')
  );
}

const webAddress = new RegExp(
  String.raw`\b(?:[\p{L}\d-]+\.)+(?:com|org|net|info|io|co|shop|dev|app|biz|online|store|site|xyz|[a-z]{2})\b(?:\/\S*)?`,
  'giu',
);

/** Scripts whose sentences have no spaces: a name is found inside of what looks like a word. */
const spaceless =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}ー]+$/u;
/** Scripts that write conjunctions and articles together with the word behind them. */
const prefixing = /^[\p{Script=Arabic}\p{Script=Hebrew}\p{M}]+$/u;

function withoutNamesInside(text: string, names: readonly string[]): string {
  const inside = names.flatMap((name) => (spaceless.test(name) ? [name, ...givenName(name)] : []));
  // Longer ones first: a name may be part of another one.
  return inside.sort((a, b) => b.length - a.length).reduce((left, name) => left.replaceAll(name, ' '), text);
}

/** Of a Chinese name of three or four characters, the first of which is the family's. */
function givenName(name: string): string[] {
  const characters = [...name];
  return /^\p{Script=Han}{3,4}$/u.test(name) ? [characters.slice(1).join('')] : [];
}

const isAscii = /^[\x20-\x7e]*$/;

/** Tells the words that are one of the names, or made of one. */
function personalWords(names: readonly string[]): (word: string) => boolean {
  // `Anna-Maria` is also written `Annamaria`.
  const joined = names.slice(1).map((name, i) => names[i]! + name);
  const known = new Set([...names, ...joined].flatMap((name) => partsOf(name).flatMap(spellings)));
  const stems = [...known].filter((name) => [...name].length >= 4).map((name) => ({ name, stem: stemOf(name) }));
  const infixes = [...known].filter((name) => [...name].length >= 3 && prefixing.test(name));
  const isInflected = (spelling: string) =>
    stems.some(({ name, stem }) => spelling.startsWith(stem) && spelling.length <= name.length + 2) ||
    infixes.some((name) => spelling.includes(name));
  return (word) =>
    partsOf(word)
      .flatMap(spellings)
      .some((spelling) => known.has(spelling) || isInflected(spelling));
}

/** Long names change their last letter, too: `Иванова`, `Иванову`. */
const stemOf = (name: string): string => (name.length >= 6 ? name.slice(0, -1) : name);

/** A word, and its parts at an apostrophe, of which a letter or two say nothing. */
function partsOf(word: string): string[] {
  const parts = word.split(/['’]/u);
  return [parts.join(''), ...(parts.length > 1 ? parts.filter((part) => part.length >= 3) : [])];
}

/** Without accents; and as German writes its umlauts where there are none. Nearly all words have neither. */
function spellings(word: string): string[] {
  if (isAscii.test(word)) return [word];
  const umlauts: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue' };
  const bare = (text: string) =>
    text.normalize('NFKD').replaceAll(/\p{M}/gu, '').replaceAll('ß', 'ss').replaceAll('ø', 'o').replaceAll('ł', 'l');
  return [bare(word), bare(word.normalize('NFC').replaceAll(/[äöü]/g, (letter) => umlauts[letter]!))];
}
