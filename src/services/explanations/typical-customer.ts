import { upperMedian } from '../../math.js';
import { numericTokens } from '../../ml/features/model-input.js';
import type { Scaler } from '../../ml/features/scaler.js';
import { rfmOf } from '../../ml/features/rfm.js';
import { type RfmColumns, type RfmSummary, toRfmColumns } from '../../ml/features/prior/rfm-summary.js';
import type { TypicalCustomer } from '../models/serving-bundle.js';
import type { TrainingData } from '../fine-tuning/training-data.js';

/**
 * Medians over the held-out customers, or over those of the snapshot's date if there are none, or not all events had been recorded as of
 * theirs. The typical customer has no attributes with an effect.
 */
export function typicalCustomer(
  { validation, validationRows, base }: Pick<TrainingData, 'validation' | 'validationRows' | 'base'>,
  scaler: Scaler,
): TypicalCustomer {
  const { rows, examples } =
    validation.length > 0 && !scaler.tracking ? { rows: validationRows.rows, examples: validation } : base;
  return {
    numeric: numericTokens(scaler).map(({ group }, i) =>
      group === 'covariates' ? 0 : upperMedian(examples.map(({ numeric }) => numeric[i]!)),
    ),
    rfm: typicalHistory(toRfmColumns(rows.map(({ features }) => rfmOf(features)))),
  };
}

/** Medians of purchase histories, adjusted to be a possible history. */
export function typicalHistory(customers: RfmColumns): RfmSummary {
  const frequency = Math.round(upperMedian(customers.frequency));
  const age = upperMedian(customers.age);
  const variations = customers.gapVariation?.filter((variation) => !Number.isNaN(variation)) ?? [];
  return {
    frequency,
    // A one-time buyer has neither a span nor a repeat value.
    recency: frequency === 0 ? 0 : Math.min(upperMedian(customers.recency), age),
    age,
    monetary: frequency === 0 ? 0 : upperMedian(customers.monetary),
    firstValue: upperMedian(customers.firstValue),
    ...(variations.length > 0 && { gapVariation: upperMedian(variations) }),
  };
}
