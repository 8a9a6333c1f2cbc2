import type { NarrativeSpan } from './feature-group.js';

/** Most attributes that a model may read. */
export const mostCovariates = 10;
export const longestAttributeName = 200;

/** The narrative as read by a model that knows only these attributes, in the order in which they were named for it. */
export function withCovariates(narrative: readonly NarrativeSpan[], names: readonly string[]): NarrativeSpan[] {
  const rest = narrative.filter(({ attribute }) => attribute === undefined);
  const told = names.flatMap((name) => narrative.filter(({ attribute }) => attribute === name));
  const place = narrative.findIndex(({ attribute }) => attribute !== undefined);
  return rest.toSpliced(Math.max(place, 0), 0, ...told);
}
