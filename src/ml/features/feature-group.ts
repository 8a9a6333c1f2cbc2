/** What a feature, a narrative span or a contribution is about, in words that a CRM user knows. */
export const featureGroups = [
  'recency',
  'frequency',
  'spend',
  'trend',
  'cadence',
  'tenure',
  'categories',
  'basket',
  'returns',
  'engagement',
  'support',
  'country',
  'season',
  'horizon',
  'covariates',
] as const;

export type FeatureGroup = (typeof featureGroups)[number];

/** A piece of the narrative that is about one thing. */
export interface NarrativeSpan {
  readonly group: FeatureGroup;
  readonly text: string;
  /** The attribute whose value a covariate's span tells. */
  readonly attribute?: string;
}
