/** Two significant digits at most and no decimals: few different numbers, so that a tokeniser meets each of them often. */
export function roundNumber(value: number): string {
  const magnitude = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(value)))) - 1);
  return String(Math.round(value / magnitude) * magnitude || 0);
}

/** `12 days`, `9 weeks`, `14 months`, `3 years`. */
export function duration(days: number): string {
  if (days < 60) return counted(Math.round(days), 'day');
  if (days < 730) return counted(Math.round(days / 30.44), 'month');
  return counted(Math.round(days / 365.25), 'year');
}

export function counted(count: number, noun: string): string {
  return `${roundNumber(count)} ${noun}${roundNumber(count) === '1' ? '' : 's'}`;
}

/** The first words of a product's or category's name, in lower case and without punctuation. */
export function shortName(name: string, words: number): string {
  return wordsOf(name).slice(0, words).join(' ');
}

/**
 * What the narrative says of a list of product names: words that several of them share, most frequent first, or else
 * the first names themselves.
 * @param names most important first
 */
export function theme(names: readonly string[], words: number): string[] {
  const counts = new Map<string, number>();
  for (const name of names) {
    for (const word of new Set(wordsOf(name))) {
      if (word.length >= 3 && !/\d/.test(word) && !emptyWords.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  const shared = [...counts].filter(([, count]) => count >= 2).sort(([, left], [, right]) => right - left);
  if (shared.length >= 2) return shared.slice(0, words).map(([word]) => word);
  return distinct(names.map((name) => shortName(name, 3))).slice(0, 2);
}

export function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].filter((text) => text !== '');
}

/**
 * What a customer wrote, cut to some words, without what could identify a person: e-mail addresses, links, handles,
 * long numbers, and the words of `personal` (the customer's name and address).
 */
export function scrubbed(text: string, words: number, personal: string): string {
  const known = new Set(wordsOf(personal).filter((word) => word.length >= 2));
  const clean = text
    .replace(/\S*@\S*/gu, ' ')
    .replace(/(?:[a-z][a-z+.-]*:\/\/|www\.)\S*/giu, ' ')
    .replace(/\b[\p{L}\d-]+\.(?:com|org|net|info|io|co|shop|[a-z]{2})\b(?:\/\S*)?/giu, ' ')
    // Phone, card, order and account numbers, however they are grouped.
    .replace(/\+?\(?\d(?:[\s()./-]*\d){5,}/gu, ' ');
  return wordsOf(clean)
    .filter((word) => !known.has(word))
    .slice(0, words)
    .join(' ');
}

function wordsOf(text: string): string[] {
  return (
    text
      .toLowerCase()
      .normalize('NFKC')
      .match(/[\p{L}\p{M}\p{N}]+(?:['’][\p{L}]+)?/gu) ?? []
  );
}

/** Words of product names that tell nothing of taste. */
const emptyWords = new Set(
  'and the for with set pack box assorted design designs piece pieces small large medium mini size new'.split(' '),
);
