/** What Postgres cannot keep as text: NUL, and half of a surrogate pair, which UTF-8 cannot write. */
const unstorableParts = /\0|\p{Surrogate}/gu;

/** A text without any of it. */
export const storable = /^[^\0\p{Surrogate}]*$/u;

/** Why any other text is refused, behind its name. */
export const unstorable = 'holds a NUL character or half a surrogate pair';

export function isStorable(text: string): boolean {
  return storable.test(text);
}

/** The text with a replacement character for each that cannot be kept. */
export function toStorable(text: string): string {
  return text.replaceAll(unstorableParts, '\uFFFD');
}
