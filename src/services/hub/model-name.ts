/** A model of the hub. */
export interface HubModelName {
  /** `owner/name`, or `name` for the hub's oldest models, e.g. `gpt2`. */
  readonly id: string;
  /** Branch, tag or commit. */
  readonly revision: string;
}

const part = String.raw`[A-Za-z0-9][\w.-]{0,95}`;
const pattern = new RegExp(String.raw`^(?<id>${part}(?:/${part})?)(?:@(?<revision>[\w][\w./-]{0,199}))?$`);

/**
 * Reads `sentence-transformers/all-MiniLM-L6-v2` or `gpt2@main`; the revision is `main` if none is given.
 * @returns undefined for what cannot be a model's name, such as a path
 */
export function parseModelName(text: string): HubModelName | undefined {
  const { id, revision = 'main' } = pattern.exec(text)?.groups ?? {};
  if (id === undefined || [id, revision].some((name) => name.includes('..') || name.includes('--'))) return undefined;
  return { id, revision };
}
