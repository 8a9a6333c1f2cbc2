import type { Engine, EngineTensors, HostTensor } from '../engine/engine.js';
import { outputSize } from '../model/head.js';
import { numbersForwardProgram } from '../model/number-programs.js';
import { forwardProgram } from '../model/programs.js';
import type { ModelSpec } from '../model/spec.js';
import { asServed } from '../model/served-model.js';
import type { HostModel } from '../model/weights.js';
import { type ActivationRanges, quantisationOf } from './activation-ranges.js';
import { batchSizes, largestBatch } from './batch-sizes.js';
import { batchTensors, lengthBucket, numberTensors } from './batches.js';
import type { Example } from './example.js';
import { ProgramCache } from './program-cache.js';
import { disposeAll, uploadAll, withOutputs } from './resident-weights.js';
import { movedByWords } from './word-effects.js';

/** The model's output for one customer. */
export interface RawPrediction {
  /** See `head`: ZILN (logit, μ, σ); MSE (value); CLASSIFICATION K logits. */
  readonly output: Float32Array;
  /** In units of the label that the model was trained on. */
  readonly expectedValue: number;
}

/** A model resident in an engine, ready to score. */
export class Predictor {
  readonly spec: ModelSpec;
  /** Precision of the linear layers: INT8 where there are activation ranges and the engine supports it. */
  readonly precision: 'FLOAT32' | 'INT8';
  /** Whether texts are encoded: see `ServedModel`. */
  readonly encodes: boolean;
  readonly wordEffects: HostTensor | null;
  /** Weights of the served model that programs take as inputs: in float32 all of them, in INT8 those that are not quantised. */
  readonly weights: EngineTensors;
  private readonly programs: ProgramCache;

  /**
   * @param pad id of the padding token
   * @param ranges see `observeActivations`; without them everything is computed in float32
   */
  constructor(
    private readonly engine: Engine,
    model: HostModel,
    private readonly pad: number,
    ranges: ActivationRanges | null = null,
  ) {
    const { spec, weights, wordEffects, encodes } = asServed(model);
    const quantise = engine.quantises && encodes && ranges ? quantisationOf(spec, weights, ranges) : undefined;
    this.spec = spec;
    this.encodes = encodes;
    this.wordEffects = wordEffects;
    this.precision = quantise ? 'INT8' : 'FLOAT32';
    const resident = Object.entries(weights).filter(([name]) => !quantise?.weights[name]);
    this.weights = uploadAll(engine, Object.fromEntries(resident));
    this.programs = new ProgramCache(
      engine,
      (shape) => (encodes ? forwardProgram(spec, shape) : numbersForwardProgram(spec, shape.batch)),
      { quantise },
    );
  }

  /** Predictions in the order of the examples. Batches are made by length, so that little is padded. */
  async predict(
    examples: readonly Example[],
    options: { signal?: AbortSignal; onBatch?: (done: number) => void | Promise<void> } = {},
  ): Promise<RawPrediction[]> {
    const results: RawPrediction[] = [];
    let done = 0;
    for (const { size, indices } of this.batchesOf(examples)) {
      options.signal?.throwIfAborted();
      const batch = indices.map((index) => movedByWords(examples[index]!, this.wordEffects));
      const rows = await this.runBatch(batch, size);
      for (const [row, index] of indices.entries()) results[index] = rows[row]!;
      done += indices.length;
      await options.onBatch?.(done);
    }
    return results;
  }

  /** Sizes of the batches for so many rows of at most `longest` word pieces. Without an encoder, rows cost next to nothing. */
  batchSizesFor(rows: number, longest: number): number[] {
    return batchSizes(rows, this.encodes ? largestBatch(this.engine, this.spec, longest) : undefined);
  }

  async dispose(): Promise<void> {
    await this.programs.dispose();
    disposeAll(this.weights);
  }

  /** Indices of the examples of each batch: one batch where all fit, else shortest texts first. */
  private batchesOf(examples: readonly Example[]): { size: number; indices: number[] }[] {
    const longest = examples.reduce((most, { tokenIds }) => Math.max(most, tokenIds.length), 0);
    const sizes = this.batchSizesFor(examples.length, longest);
    const order = examples.map((_, index) => index);
    if (sizes.length > 1) order.sort((a, b) => examples[a]!.tokenIds.length - examples[b]!.tokenIds.length || a - b);
    let start = 0;
    return sizes.map((size) => ({ size, indices: order.slice(start, (start += size)) }));
  }

  private async runBatch(examples: readonly Example[], batch: number): Promise<RawPrediction[]> {
    const length = this.encodes ? lengthBucket(Math.max(...examples.map(({ tokenIds }) => tokenIds.length))) : 0;
    const program = await this.programs.get({ batch, length });
    const tensors = this.tensorsOf(examples, batch, length);
    return withOutputs(this.engine, program, this.weights, tensors, async (outputs) => {
      const output = (await this.engine.read(outputs['output']!)) as Float32Array;
      const expected = await this.engine.read(outputs['expectedValue']!);
      const width = outputSize(this.spec);
      return examples.map((_, row) => ({
        output: output.slice(row * width, (row + 1) * width),
        expectedValue: expected[row]!,
      }));
    });
  }

  private tensorsOf(examples: readonly Example[], batch: number, length: number): Record<string, HostTensor> {
    const layout = { batch, length, pad: this.pad, features: this.spec.numericFeatures.length };
    return this.encodes ? batchTensors(examples, layout) : numberTensors(examples, layout);
  }
}
