import { cents } from '../../math.js';
import type { FeatureGroup, NarrativeSpan } from '../features/feature-group.js';

/** One reason, in money. */
export interface Contribution {
  readonly group: FeatureGroup;
  /** What it is about, for CRM users, e.g. `Last purchase`. */
  readonly label: string;
  /** The customer's own value in words, e.g. `12 days ago`; empty where there is nothing to say. */
  readonly value: string;
  /** How far it moves the prediction away from a typical customer's, in currency. */
  readonly amount: number;
}

/** A word of the narrative and what it moved, in currency. */
export interface TokenHighlight {
  readonly token: string;
  readonly group: FeatureGroup;
  readonly amount: number;
}

/** Why a customer is worth what the model says: baseline + sum of the amounts + residual = predicted, to the cent. */
export interface ExplanationContent {
  readonly predicted: number;
  /** What the model says of a typical customer. */
  readonly baseline: number;
  /** Largest effect first. */
  readonly contributions: readonly Contribution[];
  /** What rounding and quadrature left unexplained. */
  readonly residual: number;
  readonly tokens: readonly TokenHighlight[];
  readonly narrative: readonly NarrativeSpan[];
  /** `Attribution.completenessError`, before the residual. */
  readonly completenessError: number;
  readonly horizonDays: number;
}

/** Amounts are unrounded. */
interface ExplanationParts extends Omit<ExplanationContent, 'contributions' | 'residual'> {
  readonly amounts: ReadonlyMap<FeatureGroup, number>;
  readonly describe: (group: FeatureGroup) => Pick<Contribution, 'label' | 'value'>;
}

/** Rounds to cents and puts what is left into the residual, so that the sum holds exactly. */
export function toExplanation({ amounts, describe, ...rest }: ExplanationParts): ExplanationContent {
  const predicted = cents(rest.predicted);
  const baseline = cents(rest.baseline);
  const contributions = [...amounts]
    .map(([group, amount]) => ({ group, ...describe(group), amount: cents(amount) }))
    .filter(({ amount }) => amount !== 0)
    .sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount) || a.group.localeCompare(b.group));
  const explained = contributions.reduce((sum, { amount }) => sum + amount, baseline);
  return { ...rest, predicted, baseline, contributions, residual: cents(predicted - explained) };
}
