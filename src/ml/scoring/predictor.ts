import type { Engine, EngineTensors } from '../engine/engine.js';
import { outputSize } from '../model/head.js';
import { mergeLora } from '../model/lora.js';
import { forwardProgram } from '../model/programs.js';
import type { ModelSpec } from '../model/spec.js';
import type { HostWeights } from '../model/weights.js';
import { batchTensors, lengthBucket } from './batches.js';
import type { Example } from './example.js';
import { ProgramCache } from './program-cache.js';
import { disposeAll, uploadAll, withUploaded } from './resident-weights.js';

/** What the model says of one customer, raw. */
export interface RawPrediction {
  /** See `head`: ZILN (logit, μ, σ); MSE (value); CLASSIFICATION K logits. */
  readonly output: Float32Array;
  /** In units of the label that the model was trained on. */
  readonly expectedValue: number;
}

/** A lone customer need not pay for a full batch, and a page of 50 fits one. */
const batchSizes = [8, 64] as const;

/** A model resident in an engine, ready to score. */
export class Predictor {
  readonly spec: ModelSpec;
  private readonly weights: EngineTensors;
  private readonly programs: ProgramCache;

  /** @param pad id of the padding token */
  constructor(
    private readonly engine: Engine,
    model: { readonly spec: ModelSpec; readonly weights: HostWeights },
    private readonly pad: number,
  ) {
    const merged = mergeLora(model.spec, model.weights);
    this.spec = merged.spec;
    this.weights = uploadAll(engine, merged.weights);
    this.programs = new ProgramCache(engine, (shape) => forwardProgram(this.spec, shape));
  }

  /** Predictions in the order of the examples; batches are cut by length so that little is padded. */
  async predict(
    examples: readonly Example[],
    options: { signal?: AbortSignal; onBatch?: (done: number) => void | Promise<void> } = {},
  ): Promise<RawPrediction[]> {
    const results: RawPrediction[] = [];
    let done = 0;
    for (const indices of batchesByLength(examples)) {
      options.signal?.throwIfAborted();
      const rows = await this.runBatch(indices.map((index) => examples[index]!));
      for (const [row, index] of indices.entries()) results[index] = rows[row]!;
      done += indices.length;
      await options.onBatch?.(done);
    }
    return results;
  }

  async dispose(): Promise<void> {
    await this.programs.dispose();
    disposeAll(this.weights);
  }

  private async runBatch(examples: readonly Example[]): Promise<RawPrediction[]> {
    const batch = batchSizes.find((size) => size >= examples.length) ?? batchSizes.at(-1)!;
    const length = lengthBucket(Math.max(...examples.map((example) => example.tokenIds.length)));
    const program = await this.programs.get({ batch, length });
    const layout = { batch, length, pad: this.pad, features: this.spec.numericFeatures.length };
    return withUploaded(this.engine, batchTensors(examples, layout), async (inputs) => {
      const outputs = await program.run({ ...this.weights, ...inputs });
      try {
        const output = (await this.engine.read(outputs['output']!)) as Float32Array;
        const expected = await this.engine.read(outputs['expectedValue']!);
        const width = outputSize(this.spec);
        return examples.map((_, row) => ({
          output: output.slice(row * width, (row + 1) * width),
          expectedValue: expected[row]!,
        }));
      } finally {
        disposeAll(outputs);
      }
    });
  }
}

/** Indices of the examples in batches: all in one where they fit, else shortest texts first. */
function batchesByLength(examples: readonly Example[]): number[][] {
  const largest = batchSizes.at(-1)!;
  const order = examples.map((_, index) => index);
  if (order.length > largest) {
    order.sort((a, b) => examples[a]!.tokenIds.length - examples[b]!.tokenIds.length || a - b);
  }
  const batches: number[][] = [];
  for (let start = 0; start < order.length; start += largest) batches.push(order.slice(start, start + largest));
  return batches;
}
