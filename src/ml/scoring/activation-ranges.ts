import type { Engine, Quantisation, Range } from '../engine/engine.js';
import { allNamed } from '../model/layers.js';
import { forwardProgram } from '../model/programs.js';
import { quantisableWeights } from '../model/quantised-weights.js';
import { asServed } from '../model/served-model.js';
import type { ModelSpec } from '../model/spec.js';
import type { HostModel, HostWeights } from '../model/weights.js';
import { batchTensors, lengthBucket } from './batches.js';
import type { Example } from './example.js';
import { ProgramCache } from './program-cache.js';
import { disposeAll, uploadAll, withOutputs } from './resident-weights.js';

/** The range of each linear layer's inputs, by the name of its weight. */
export type ActivationRanges = Readonly<Record<string, Range>>;

const batchSize = 64;

/**
 * Runs the model in float32 and notes the least and the greatest input of each linear layer, for the scale of 8-bit integers in their
 * place.
 * @param examples read in whole batches of 64, so that no padding rows take part; the rest, or all of fewer than 64, is left out
 */
export async function observeActivations(
  engine: Engine,
  model: HostModel,
  examples: readonly Example[],
  pad: number,
): Promise<ActivationRanges> {
  const { spec, weights } = asServed(model);
  const names = quantisableWeights(spec.encoder);
  const programs = new ProgramCache(engine, (shape) => forwardProgram(spec, shape), { observe: names });
  const resident = uploadAll(engine, weights);
  const ranges: Record<string, Range> = {};
  try {
    for (let start = 0; start + batchSize <= examples.length; start += batchSize) {
      const rows = examples.slice(start, start + batchSize);
      const length = lengthBucket(Math.max(...rows.map(({ tokenIds }) => tokenIds.length)));
      const program = await programs.get({ batch: batchSize, length });
      const layout = { batch: batchSize, length, pad, features: spec.numericFeatures.length };
      await withOutputs(engine, program, resident, batchTensors(rows, layout), async (outputs) => {
        for (const name of names) {
          const [lowest] = await engine.read(outputs[`lowest:${name}`]!);
          const [highest] = await engine.read(outputs[`highest:${name}`]!);
          const before = ranges[name] ?? [Infinity, -Infinity];
          ranges[name] = [Math.min(before[0], lowest!), Math.max(before[1], highest!)];
        }
      });
    }
    return ranges;
  } finally {
    await programs.dispose();
    disposeAll(resident);
  }
}

export function quantisationOf(spec: ModelSpec, weights: HostWeights, ranges: ActivationRanges): Quantisation {
  const names = quantisableWeights(spec.encoder).filter((name) => ranges[name]);
  return { weights: allNamed(weights, names), ranges };
}
