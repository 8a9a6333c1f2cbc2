import type { Random } from '../../random.js';
import { lengthBucket } from '../scoring/batches.js';
import type { TrainingExample } from '../scoring/example.js';

export interface TrainingBatch {
  readonly length: number;
  readonly examples: TrainingExample[];
}

/** The examples of one epoch in random order, cut into batches of one length each; the last ones may be short. */
export function* epochBatches(
  examples: readonly TrainingExample[],
  batchSize: number,
  random: Random,
): Generator<TrainingBatch> {
  const open = new Map<number, TrainingExample[]>();
  for (const example of random.shuffle([...examples])) {
    const length = lengthBucket(example.tokenIds.length);
    const waiting = open.get(length) ?? [];
    waiting.push(example);
    if (waiting.length === batchSize) {
      open.delete(length);
      yield { length, examples: waiting };
    } else {
      open.set(length, waiting);
    }
  }
  yield* mergeShort(open, batchSize);
}

/** Batches of what is left of each length, shortest first; each is padded to its longest example. */
function* mergeShort(open: Map<number, TrainingExample[]>, batchSize: number): Generator<TrainingBatch> {
  let waiting: TrainingExample[] = [];
  let longest = 0;
  for (const [length, examples] of [...open].sort(([a], [b]) => a - b)) {
    for (const example of examples) {
      waiting.push(example);
      longest = length;
      if (waiting.length === batchSize) {
        yield { length: longest, examples: waiting };
        waiting = [];
      }
    }
  }
  if (waiting.length > 0) yield { length: longest, examples: waiting };
}

/**
 * Replaces each group's words by [MASK] with the given probability, as in pretraining: the model learns to do without any group, and
 * deletion tests of its explanations stay within what it was trained on.
 */
export function maskSpans(
  example: TrainingExample,
  probability: number,
  maskId: number,
  random: Random,
): TrainingExample {
  if (probability <= 0) return example;
  const hidden = new Map<number, boolean>([[0, false]]);
  const tokenIds = example.tokenIds.slice();
  for (const [position, group] of example.tokenGroups.entries()) {
    let hide = hidden.get(group);
    if (hide === undefined) {
      hide = random.uniform() < probability;
      hidden.set(group, hide);
    }
    if (hide) tokenIds[position] = maskId;
  }
  return { ...example, tokenIds };
}
