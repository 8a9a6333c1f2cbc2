import type { NarrativeSpan } from '../features/feature-group.js';

/** An attribute that the model is to read, as the shop sent it. */
export interface Covariate {
  readonly attribute: string;
  readonly value: unknown;
}

/** Longer values are cut: they tell a model no more, and leave less room in the narrative. */
const mostWords = 4;
const mostCharacters = 30;

/** `channel email.`; null where there is no text, number, or yes or no in it. */
export function covariateSpan({ attribute, value }: Covariate): NarrativeSpan | null {
  const words = wordsOfValue(value);
  return words === '' ? null : { group: 'covariates', text: `${brief(attribute)} ${words}.`, attribute };
}

export function covariateSpans(covariates: readonly Covariate[] | null | undefined): NarrativeSpan[] {
  return (covariates ?? []).flatMap((covariate) => covariateSpan(covariate) ?? []);
}

function wordsOfValue(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(Number(value.toPrecision(2)));
  return typeof value === 'string' ? brief(value) : '';
}

/** Signs stay: `A` and `A+` are different levels. */
function brief(text: string): string {
  const words = text.normalize('NFKC').toLowerCase().trim().split(/\s+/u).slice(0, mostWords).join(' ');
  return [...words].slice(0, mostCharacters).join('').trimEnd();
}
