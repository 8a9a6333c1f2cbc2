import type { Engine, EngineTensors } from '../engine/engine.js';
import { allNamed } from '../model/layers.js';
import type { ModelSpec } from '../model/spec.js';
import { modelShapes } from '../model/weights.js';
import { batchSizes, largestBatch } from '../scoring/batch-sizes.js';
import { batchTensors, columnTensor, lengthBucket } from '../scoring/batches.js';
import type { LabelledExample } from '../scoring/example.js';
import type { ProgramCache } from '../scoring/program-cache.js';
import { withOutputs } from '../scoring/resident-weights.js';

interface Validation {
  readonly spec: ModelSpec;
  /** Tensors that include the weights of `modelShapes(spec)`. */
  readonly state: EngineTensors;
  readonly examples: readonly LabelledExample[];
  /** Id of the padding token. */
  readonly pad: number;
}

/**
 * Loss of each labelled example, in their order, with no words masked.
 * @param programs of `evaluationProgram(spec, ...)`
 */
export async function validationLosses(
  engine: Engine,
  programs: ProgramCache,
  { spec, state, examples, pad }: Validation,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const weights = allNamed(state, Object.keys(modelShapes(spec)));
  const lengthOf = (place: number): number => examples[place]!.tokenIds.length;
  const byLength = [...examples.keys()].sort((a, b) => lengthOf(a) - lengthOf(b));
  const largest = largestBatch(engine, spec, byLength.length > 0 ? lengthOf(byLength.at(-1)!) : 0);
  const all = new Float32Array(examples.length);
  let start = 0;
  for (const batch of batchSizes(examples.length, largest)) {
    signal?.throwIfAborted();
    const places = byLength.slice(start, (start += batch));
    const rows = places.map((place) => examples[place]!);
    const length = lengthBucket(rows.at(-1)!.tokenIds.length);
    const layout = { batch, length, pad, features: spec.numericFeatures.length };
    const values = rows.map((row) => row.value);
    const tensors = { ...batchTensors(rows, layout), value: columnTensor(values, batch) };
    const program = await programs.get({ batch, length });
    const losses = await withOutputs(engine, program, weights, tensors, (outputs) => engine.read(outputs['losses']!));
    for (const [row, place] of places.entries()) all[place] = losses[row]!;
  }
  return all;
}
