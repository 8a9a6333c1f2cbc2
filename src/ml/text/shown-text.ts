/** Comments, titles, styles and scripts, also one in which the text was cut off, and what says that it is HTML. */
const unseen = /<!--.*?(?:-->|$)|<(script|style|title)(?=[\s>]).*?(?:<\/\1\s*>|$)|<!doctype[^<>]*>/gisu;
/** The last one may be cut off; by its attribute it is told from a sign for less. */
const tag = /<\/?[a-z][^<>]*>|<[a-z][^<>=]*=[^<>]*$/giu;
/** By number, a letter with an accent, or a name of those that shops write most and of what stands in addresses and numbers. */
const entity =
  /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z])(acute|caron|cedil|circ|grave|ring|tilde|uml)|(amp|apos|bull|colon|comma|commat|copy|deg|e[mn]sp|euro|gt|hellip|[lr]par|[lr][ads]quo|lowbar|lt|mdash|middot|nbsp|ndash|period|plus|quot|reg|shy|sol|szlig|thinsp|times|trade|zwn?j));/giu;
/** Of the names, those of what stands within words and addresses. */
const signs: Readonly<Record<string, string>> = {
  apos: "'",
  colon: ':',
  commat: '@',
  lowbar: '_',
  period: '.',
  rsquo: '’',
  shy: '',
  sol: '/',
  szlig: 'ß',
};
/** Where a word may be broken, and where it may not. */
const unseenInWords = /[\u00ad\u2060\ufeff]/gu;
/** Marks that join the letter before them. */
const accents: Readonly<Record<string, string>> = {
  acute: '\u0301',
  caron: '\u030c',
  cedil: '\u0327',
  circ: '\u0302',
  grave: '\u0300',
  ring: '\u030a',
  tilde: '\u0303',
  uml: '\u0308',
};

/**
 * What a page shows of a text that is kept as HTML, as many a shop and many a mail program write it: no tags, no styles, and
 * for entities the letters that they stand for, or a space where that is no letter.
 */
export function shownText(text: string): string {
  return text
    .replace(unseen, ' ')
    .replace(tag, ' ')
    .replace(entity, (_, decimal, hex, letter, accent, name) => {
      if (letter) return letter + accents[accent.toLowerCase()];
      if (name) return signs[name.toLowerCase()] ?? ' ';
      const code = decimal ? Number(decimal) : parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : ' ';
    })
    .replace(unseenInWords, '');
}
