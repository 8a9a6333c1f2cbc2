import { mean } from '../../math.js';
import { featureDefinitions } from '../../ml/features/feature-definitions.js';
import type { FeatureRow } from '../../ml/features/feature-row.js';
import { isMissing, type Scaler } from '../../ml/features/scaler.js';
import {
  type DriftState,
  driftStateOf,
  populationStability,
  type PopulationStability,
} from '../../ml/training/population-stability.js';

interface FeatureDrift extends PopulationStability {
  readonly name: string;
  /** For people. */
  readonly label: string;
}

/** Stored in `DriftReport.drift`. */
export interface DriftMeasure {
  /** Customers sampled of the scored base, and of the training rows. */
  readonly customers: number;
  readonly referenceCustomers: number;
  /** The larger of the prediction's index and the mean of the features' indexes; indexes within the noise count as 0. */
  readonly score: number;
  readonly state: DriftState;
  /** Null where the model predicts the same for everybody. */
  readonly prediction: PopulationStability | null;
  /** The features that the model reads and that vary in training, the largest index first. */
  readonly features: readonly FeatureDrift[];
}

interface Side {
  readonly rows: readonly Pick<FeatureRow, 'features'>[];
  readonly predictions: readonly { readonly expectedValue: number }[];
}

/**
 * The score is what to act on: drift of a feature that matters shows in the predictions, and that of any other is averaged with many.
 */
export function measureOf(scaler: Scaler, reference: Side, current: Side): DriftMeasure {
  const features = scaler.features
    .flatMap(({ name, used }, index) => {
      if (!used) return [];
      const stability = populationStability(column(reference, index), column(current, index));
      return stability ? [{ name, label: labels.get(name) ?? name, ...stability }] : [];
    })
    .sort((a, b) => b.psi - a.psi);
  const values = ({ predictions }: Side) => predictions.map(({ expectedValue }) => expectedValue);
  const prediction = populationStability(values(reference), values(current));
  const told = (stability: PopulationStability | null) =>
    stability && stability.psi > stability.noise ? stability.psi : 0;
  const ofFeatures = mean(features.map(told));
  const score = Math.max(told(prediction), ofFeatures);
  return {
    customers: current.rows.length,
    referenceCustomers: reference.rows.length,
    score,
    state: driftStateOf(score),
    prediction,
    features,
  };
}

const labels = new Map(featureDefinitions.map(({ name, label }) => [name, label]));

function column({ rows }: Side, index: number): (number | null)[] {
  return rows.map(({ features }) => {
    const value = features[index];
    return isMissing(value) ? null : value;
  });
}
