import type { Engine, EngineTensors } from '../engine/engine.js';
import type { ModelSpec } from '../model/spec.js';
import { modelShapes } from '../model/weights.js';
import { batchSizes, largestBatch } from '../scoring/batch-sizes.js';
import { batchTensors, columnTensor, lengthBucket } from '../scoring/batches.js';
import type { LabelledExample } from '../scoring/example.js';
import type { ProgramCache } from '../scoring/program-cache.js';
import { withOutputs } from '../scoring/resident-weights.js';

export interface Validation {
  readonly spec: ModelSpec;
  /** Tensors that include the weights of `modelShapes(spec)`. */
  readonly state: EngineTensors;
  readonly examples: readonly LabelledExample[];
  /** Id of the padding token. */
  readonly pad: number;
}

/**
 * Mean loss over labelled examples, nothing masked.
 * @param programs of `evaluationProgram(spec, ...)`
 */
export async function validationLoss(
  engine: Engine,
  programs: ProgramCache,
  { spec, state, examples, pad }: Validation,
  signal: AbortSignal | undefined,
): Promise<number> {
  const weights = Object.fromEntries(Object.keys(modelShapes(spec)).map((name) => [name, state[name]!]));
  const sorted = [...examples].sort((a, b) => a.tokenIds.length - b.tokenIds.length);
  const largest = largestBatch(engine, spec, sorted.at(-1)?.tokenIds.length ?? 0);
  let [total, start] = [0, 0];
  for (const batch of batchSizes(sorted.length, largest)) {
    signal?.throwIfAborted();
    const rows = sorted.slice(start, (start += batch));
    const length = lengthBucket(rows.at(-1)!.tokenIds.length);
    const layout = { batch, length, pad, features: spec.numericFeatures.length };
    const values = rows.map((row) => row.value);
    const tensors = { ...batchTensors(rows, layout), value: columnTensor(values, batch) };
    const program = await programs.get({ batch, length });
    const losses = await withOutputs(engine, program, weights, tensors, (outputs) => engine.read(outputs['losses']!));
    for (let row = 0; row < rows.length; row++) total += losses[row]!;
  }
  return total / Math.max(examples.length, 1);
}
