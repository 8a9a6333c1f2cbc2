/** What Postgres cannot keep as text: NUL, and half of a surrogate pair, which UTF-8 cannot write. */
const unstorableParts = /\0|\p{Surrogate}/gu;

/** Why a text with any of it is refused, behind its name. */
export const unstorable = 'holds a NUL character or half a surrogate pair';

/** Looks for what is wrong: an expression of a whole right text overflows the stack with one of eight million characters. */
export function isStorable(text: string): boolean {
  return text.search(unstorableParts) < 0;
}

/** The text with a replacement character for each that cannot be kept. */
export function toStorable(text: string): string {
  return text.replaceAll(unstorableParts, '\uFFFD');
}
