/** A text for people, cut after `longest` characters. */
export function shortened(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** The text in quotes, without what a terminal would obey: JSON leaves DEL and the control characters of Latin-1 as they are. */
export function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\x9f]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`);
}

/** A count for people, e.g. `1,234,567`. */
export function grouped(count: number): string {
  return count.toLocaleString('en');
}

/** A count with its noun, e.g. `1 row`, `2,345 rows`. */
export function counted(count: number, one: string): string {
  return `${grouped(count)} ${one}${count === 1 ? '' : 's'}`;
}
