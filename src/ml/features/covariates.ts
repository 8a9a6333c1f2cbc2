import type { NarrativeSpan } from './feature-group.js';

/** Attributes that a model reads at most. */
export const mostCovariates = 10;
export const longestAttributeName = 200;

/** What a model reads that was told of these attributes only. */
export function withCovariates(narrative: readonly NarrativeSpan[], names: readonly string[]): NarrativeSpan[] {
  return narrative.filter(({ attribute }) => attribute === undefined || names.includes(attribute));
}
