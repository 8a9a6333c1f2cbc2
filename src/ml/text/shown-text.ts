/** Comments, titles, styles and scripts, the last of which may be cut off, and the doctype. */
const unseen = /<!--.*?(?:-->|$)|<(script|style|title)(?=[\s>]).*?(?:<\/\1\s*>|$)|<!doctype[^<>]*>/gisu;
/** The last tag may be cut off; it is then recognised by an attribute, since `<` may also mean "less than". */
const tag = /<\/?[a-z][^<>]*>|<[a-z][^<>=]*=[^<>]*$/giu;
/** By number, or by name: letters with accents, what shops write most, and what occurs in addresses and numbers. */
const entity =
  /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z])(acute|caron|cedil|circ|grave|ring|tilde|uml)|(amp|apos|bull|colon|comma|commat|copy|deg|e[mn]sp|euro|gt|hellip|[lr]par|[lr][ads]quo|lowbar|lt|mdash|middot|nbsp|ndash|period|plus|quot|reg|shy|sol|szlig|thinsp|times|trade|zwn?j));/giu;
/** Named entities that occur within words and addresses. */
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
/** Invisible characters that say where a line may be broken and where not. */
const unseenInWords = /[\u00ad\u2060\ufeff]/gu;
/** Combining marks. */
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
 * The visible text of HTML, in which many shops and mail programs keep texts: without tags and styles, with letters in place of entities,
 * or a space for those that are no letter.
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
