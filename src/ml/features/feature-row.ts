import type { FeatureGroup, NarrativeSpan } from './feature-group.js';

/** How a raw value becomes a number of ordinary size before winsorising and standardising. */
export type FeatureTransform = 'identity' | 'log1p' | 'signedLog1p';

export interface FeatureDefinition {
  /** snake_case, as in the SQL. */
  readonly name: string;
  /** For CRM users. */
  readonly label: string;
  readonly group: FeatureGroup;
  readonly unit: 'days' | 'count' | 'money' | 'ratio';
  readonly transform: FeatureTransform;
  /** Whether a token of its own says that the value is missing; otherwise other features imply it. */
  readonly missingToken: boolean;
}

/** A customer as known at an as-of date: raw features and what the narrative says. */
export interface FeatureRow {
  readonly customerId: string;
  readonly asOf: Date;
  /** Raw values in the order of `featureDefinitions`; null where missing. */
  readonly features: readonly (number | null)[];
  readonly narrative: readonly NarrativeSpan[];
}

/** Exactly what the model reads for one customer and horizon. */
export interface ModelInput {
  /** Standardised numeric tokens, in the order of `numericTokenNames(scaler)`. */
  readonly numeric: Float32Array;
  readonly narrative: readonly NarrativeSpan[];
  /** (logit of the purchase probability, natural log of the expected value given a purchase), from the prior. */
  readonly prior: readonly [logit: number, logValue: number];
}

/** A (as-of, horizon) cut of history. Its labels are closed: asOf + horizonDays is not after the snapshot's as-of. */
export interface TrainingWindow {
  /** ISO date-time. */
  readonly asOf: string;
  readonly horizonDays: number;
  /** The newest closed window: early stopping looks at its held-out customers only. */
  readonly validation: boolean;
}
