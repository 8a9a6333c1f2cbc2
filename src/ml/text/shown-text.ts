/** Comments, titles, styles and scripts, also one in which the text was cut off, and what says that it is HTML. */
const unseen = /<!--.*?(?:-->|$)|<(script|style|title)(?=[\s>]).*?(?:<\/\1\s*>|$)|<!doctype[^<>]*>/gisu;
/** The last one may be cut off; by its attribute it is told from a sign for less. */
const tag = /<\/?[a-z][^<>]*>|<[a-z][^<>=]*=[^<>]*$/giu;
/** By number, a letter with an accent, or a name of those that shops write most. */
const entity =
  /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z])(acute|caron|cedil|circ|grave|ring|tilde|uml)|(amp|apos|bull|copy|deg|euro|gt|hellip|[lr][ads]quo|lt|mdash|nbsp|ndash|quot|reg|szlig|times|trade));/giu;
/** Of the names, those of what stands within words. */
const signs: Readonly<Record<string, string>> = { apos: "'", rsquo: '’', szlig: 'ß' };
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
    });
}
