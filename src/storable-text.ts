/** What Postgres cannot keep as text: NUL, and half of a surrogate pair, which UTF-8 cannot write. */
const unstorableParts = /\0|\p{Surrogate}/gu;

/** Why a text with such parts is refused; follows the name of the text. */
export const unstorable = 'holds a NUL character or half a surrogate pair';

/** Looks for wrong parts, since a pattern for a whole right text overflows the stack with eight million characters. */
export function isStorable(text: string): boolean {
  return text.search(unstorableParts) < 0;
}

/** The text with a replacement character for each part that cannot be kept. */
export function toStorable(text: string): string {
  return text.replaceAll(unstorableParts, '\uFFFD');
}
