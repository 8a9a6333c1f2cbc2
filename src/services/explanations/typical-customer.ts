import { rfmOf } from '../../ml/features/rfm.js';
import { type RfmColumns, type RfmSummary, toRfmColumns } from '../../ml/features/prior/rfm-summary.js';
import type { TypicalCustomer } from '../models/serving-bundle.js';
import type { TrainingData } from '../fine-tuning/training-data.js';

/** Medians over the held-out customers; over the training rows where none were held out. */
export function typicalCustomer({ validation, validationRows, training }: TrainingData): TypicalCustomer {
  const examples = validation.length > 0 ? validation : training;
  const width = examples[0]?.numeric.length ?? 0;
  return {
    numeric: Array.from({ length: width }, (_, i) => medianOf(examples.map(({ numeric }) => numeric[i]!))),
    rfm: typicalHistory(toRfmColumns(validationRows.rows.map(({ features }) => rfmOf(features)))),
  };
}

/** Medians of purchase histories, made to be a possible history. */
export function typicalHistory(customers: RfmColumns): RfmSummary {
  const frequency = Math.round(medianOf(customers.frequency));
  const age = medianOf(customers.age);
  return {
    frequency,
    // A one-time buyer has neither a span nor a repeat value.
    recency: frequency === 0 ? 0 : Math.min(medianOf(customers.recency), age),
    age,
    monetary: frequency === 0 ? 0 : medianOf(customers.monetary),
    firstValue: medianOf(customers.firstValue),
  };
}

/** The upper one of the two in the middle; 0 of none. */
function medianOf(values: Iterable<number>): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
