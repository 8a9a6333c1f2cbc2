import { rfmOf } from '../ml/features/rfm.js';
import type { RfmSummary } from '../ml/features/prior/rfm-summary.js';
import type { TypicalCustomer } from './serving-bundle.js';
import type { TrainingData } from './training-data.js';

/** Medians over the held-out customers; over the training rows where none were held out. */
export function typicalCustomer({ validation, validationRows, training }: TrainingData): TypicalCustomer {
  const examples = validation.length > 0 ? validation : training;
  const width = examples[0]?.numeric.length ?? 0;
  const summaries = validationRows.rows.map(({ features }) => rfmOf(features));
  const median = (input: keyof RfmSummary) => medianOf(summaries.map((summary) => summary[input]));
  const frequency = Math.round(median('frequency'));
  return {
    numeric: Array.from({ length: width }, (_, i) => medianOf(examples.map(({ numeric }) => numeric[i]!))),
    rfm: {
      frequency,
      // A one-time buyer has neither a span nor a repeat value.
      recency: frequency === 0 ? 0 : Math.min(median('recency'), median('age')),
      age: median('age'),
      monetary: frequency === 0 ? 0 : median('monetary'),
      firstValue: median('firstValue'),
    },
  };
}

/** The upper one of the two in the middle; 0 of none. */
function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
