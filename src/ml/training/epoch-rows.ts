import type { Random } from '../../random.js';
import type { TrainingExample } from '../scoring/example.js';

/**
 * The rows of one epoch: all, with their weights. Of more than `limit` rows, a sample without replacement, drawn in proportion to the
 * weights (Efraimidis & Spirakis 2006, algorithm A), in which all rows count the same.
 */
export function epochRows(
  examples: readonly TrainingExample[],
  limit: number,
  random: Random,
): readonly TrainingExample[] {
  if (examples.length <= limit) return examples;
  const keyed = examples.map((example) => ({ example, key: Math.log(random.uniform()) / example.weight }));
  keyed.sort((a, b) => b.key - a.key);
  return keyed.slice(0, limit).map(({ example }) => ({ ...example, weight: 1 }));
}
