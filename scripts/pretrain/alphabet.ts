/**
 * Characters that every text can be spelled with, after `BertNormalizer` has lowercased it and taken its accents
 * off (which also takes Hangul apart into its letters). A character that is not here becomes `[UNK]`.
 */

const range = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i));

const latin = [...'abcdefghijklmnopqrstuvwxyzßæœøðþđħıłŋŧə'];
const greek = [...'αβγδεζηθικλμνξοπρσςτυφχψω'];
const cyrillic = [...'абвгдежзиклмнопрстуфхцчшщъыьэюяєіјљњћџґђѕ'];
const hebrew = range(0x05d0, 0x05ea);
const arabic = [...range(0x0627, 0x063a), ...range(0x0641, 0x064a), ...'پچژگکی'];
const kana = [
  ...'あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをんぁぃぅぇぉっゃゅょ',
  ...'アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲンァィゥェォッャュョー々',
];
/** Leading consonants, vowels and trailing consonants: with them every Hangul syllable can be spelled. */
const hangul = [...range(0x1100, 0x1112), ...range(0x1161, 0x1175), ...range(0x11a8, 0x11c2)];

const digits = [...'0123456789'];
const asciiPunctuation = [...range(0x21, 0x2f), ...range(0x3a, 0x40), ...range(0x5b, 0x60), ...range(0x7b, 0x7e)];
const punctuation = [...'–—‘’“”„‚…•·¿¡«»‹›‰†‡、。・「」『』【】（）！？：；，～'];
const currencies = [...'€£¥¢₩₹₽₺₫₴₪₦₱₲₡₵₸₭₮฿₿'];
const symbols = [...'°²³½¼¾×÷±™®©№→←↑↓★☆♥♡✓§µ'];

/**
 * The 3,755 most used Chinese characters: level 1 of GB 2312, rows 16 to 55. The national standard orders them, so
 * they need no list here.
 */
export function commonHanzi(): string[] {
  const decoder = new TextDecoder('gbk');
  const bytes: number[] = [];
  for (let row = 0xb0; row <= 0xd7; row++) {
    for (let cell = 0xa1; cell <= (row === 0xd7 ? 0xf9 : 0xfe); cell++) bytes.push(row, cell);
  }
  return [...decoder.decode(Uint8Array.from(bytes))];
}

/** Every character but the Chinese ones. */
export const alphabet: readonly string[] = [
  ...new Set([
    ...digits,
    ...latin,
    ...asciiPunctuation,
    ...punctuation,
    ...currencies,
    ...symbols,
    ...greek,
    ...cyrillic,
    ...hebrew,
    ...arabic,
    ...kana,
    ...hangul,
  ]),
];

/** Words that any shop's narratives may hold though the corpus need not: countries, currencies, months, weekdays. */
export function commonWords(): string[] {
  const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const letters = range(0x41, 0x5a);
  const countries = letters.flatMap((a) => letters.map((b) => regions.of(a + b) ?? ''));
  const months = Array.from({ length: 12 }, (_, month) =>
    new Date(Date.UTC(2024, month)).toLocaleString('en', { month: 'long', timeZone: 'UTC' }),
  );
  const weekdays = Array.from({ length: 7 }, (_, day) =>
    new Date(Date.UTC(2024, 0, 1 + day)).toLocaleString('en', { weekday: 'long', timeZone: 'UTC' }),
  );
  return [...countries, ...Intl.supportedValuesOf('currency'), ...months, ...weekdays].filter((word) => word !== '');
}
