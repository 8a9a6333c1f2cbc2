import type { PriorOnlyReason } from '../models/serving-bundle.js';
import type { TrainingData } from './training-data.js';

/** Customers, each once a closed window: fewer teach a transformer nothing that the prior does not know. */
export const leastTrainingRows = 200;
/** Training rows of customers who bought in their window: fewer do not show what buyers have in common. */
export const leastBuyers = 30;

/** Why a model is not trained at all, if so; thresholds as in docs/too-little-data.md. */
export function tooLittleToTrain({
  training,
  validation,
}: Pick<TrainingData, 'training' | 'validation'>): Extract<
  PriorOnlyReason,
  'INSUFFICIENT_HISTORY' | 'TOO_FEW_PURCHASES'
> | null {
  if (training.length < leastTrainingRows || validation.length === 0) return 'INSUFFICIENT_HISTORY';
  const buyers = training.filter(({ value }) => value > 0).length;
  return buyers < leastBuyers ? 'TOO_FEW_PURCHASES' : null;
}
