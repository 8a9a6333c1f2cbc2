import { upperMedian } from '../../math.js';
import { rfmOf } from '../../ml/features/rfm.js';
import { type RfmColumns, type RfmSummary, toRfmColumns } from '../../ml/features/prior/rfm-summary.js';
import type { TypicalCustomer } from '../models/serving-bundle.js';
import type { TrainingData } from '../fine-tuning/training-data.js';

/** Medians over the held-out customers; over the training rows where none were held out. */
export function typicalCustomer({ validation, validationRows, training }: TrainingData): TypicalCustomer {
  const examples = validation.length > 0 ? validation : training;
  const width = examples[0]?.numeric.length ?? 0;
  return {
    numeric: Array.from({ length: width }, (_, i) => upperMedian(examples.map(({ numeric }) => numeric[i]!))),
    rfm: typicalHistory(toRfmColumns(validationRows.rows.map(({ features }) => rfmOf(features)))),
  };
}

/** Medians of purchase histories, made to be a possible history. */
export function typicalHistory(customers: RfmColumns): RfmSummary {
  const frequency = Math.round(upperMedian(customers.frequency));
  const age = upperMedian(customers.age);
  return {
    frequency,
    // A one-time buyer has neither a span nor a repeat value.
    recency: frequency === 0 ? 0 : Math.min(upperMedian(customers.recency), age),
    age,
    monetary: frequency === 0 ? 0 : upperMedian(customers.monetary),
    firstValue: upperMedian(customers.firstValue),
  };
}
