/** What Postgres cannot keep as text: NUL, and half of a surrogate pair, which UTF-8 cannot write. */
const unstorable = /\0|\p{Surrogate}/gu;

export function isStorable(text: string): boolean {
  return text.search(unstorable) < 0;
}

/** The text with a replacement character for each that cannot be kept. */
export function toStorable(text: string): string {
  return text.replaceAll(unstorable, '\uFFFD');
}
