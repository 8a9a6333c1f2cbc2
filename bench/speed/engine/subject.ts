import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { HostTensor } from '../../../src/ml/engine/engine.js';
import { loadCheckpoint } from '../../../src/ml/model/checkpoint.js';
import { writeSafetensors } from '../../../src/ml/model/safetensors.js';
import type { EncoderSpec, ModelSpec, Strategy } from '../../../src/ml/model/spec.js';
import { type HostWeights, initialiseEncoder, initialiseModel } from '../../../src/ml/model/weights.js';
import { batchTensors, labelTensors } from '../../../src/ml/scoring/batches.js';
import { toExample, type TrainingExample } from '../../../src/ml/scoring/example.js';
import type { Tokenizer } from '../../../src/ml/text/tokenizer.js';
import { Random } from '../../../src/random.js';
import { customers, numericFeatures } from './customers.js';

export const sizes = ['base', 'minilm'] as const;
export type Size = (typeof sizes)[number];
export const sizeTitles: Readonly<Record<Size, string>> = {
  base: 'built-in base (2 layers, hidden 128)',
  minilm: 'MiniLM size (6 layers, hidden 384)',
};
export const lengths = [32, 64, 128] as const;
export const batchSize = 32;
/** Files that both sides read; git-ignored. */
export const workFolder = resolve('bench', 'speed', '.work', 'engine');
const baseFolder = join('models', 'base');

/** MiniLM-L6: its shape with random weights, for speed does not depend on them. The tokenizer is the base's. */
const minilm = (base: EncoderSpec): EncoderSpec => ({
  ...base,
  vocabSize: 30_522,
  hiddenSize: 384,
  layers: 6,
  heads: 12,
  intermediateSize: 1_536,
  maxPositions: 512,
});

/** What is measured: one model, its weights also as a file for the other side. */
export interface Subject {
  readonly size: Size;
  readonly encoder: EncoderSpec;
  readonly weights: HostWeights;
  readonly tokenizer: Tokenizer;
  /** As the other side is told of it. */
  readonly told: {
    readonly encoder: EncoderSpec;
    readonly features: number;
    readonly weights: string;
    readonly tokenizer: string;
  };
}

export function specOf({ encoder }: Subject, strategy: Strategy): ModelSpec {
  return { encoder, numericFeatures, objective: 'ZILN', strategy, loraRank: 8 };
}

export async function makeSubject(size: Size): Promise<Subject> {
  const base = await loadCheckpoint(baseFolder);
  const encoder = size === 'base' ? base.spec : minilm(base.spec);
  const encoderWeights = size === 'base' ? base.weights : initialiseEncoder(encoder, 1);
  const spec: ModelSpec = { encoder, numericFeatures, objective: 'ZILN', strategy: 'FULL', loraRank: 8 };
  const weights = { ...initialiseModel(spec, encoderWeights, 1), 'head.delta.weight': delta(encoder) };
  const file = join(workFolder, `${size}.safetensors`);
  await mkdir(workFolder, { recursive: true });
  await writeFile(file, writeSafetensors(weights));
  return {
    size,
    encoder,
    weights,
    tokenizer: base.tokenizer,
    told: {
      encoder,
      features: numericFeatures.length,
      weights: file,
      tokenizer: resolve(baseFolder, 'tokenizer.json'),
    },
  };
}

/** An untrained model's last layer is zero, and explanations of a constant would be none. */
function delta({ hiddenSize }: EncoderSpec): HostTensor {
  const random = new Random('bench/delta');
  const data = Float32Array.from({ length: 3 * hiddenSize }, () => random.normal(0, 0.05));
  return { shape: [3, hiddenSize], dtype: 'float32', data };
}

/** Training examples, every one as long as `length` allows. */
export function trainingExamples({ tokenizer }: Subject, length: number, count: number): TrainingExample[] {
  return customers(count, 1, [14, 20]).map((customer) => ({
    ...toExample(customer, tokenizer, { maxTokens: length, valueScale: 1 }),
    value: customer.value,
    weight: 1,
  }));
}

/** Full batches of the examples, as tensors in Node's memory, and as files for the other side. */
export async function trainingBatches(
  subject: Subject,
  length: number,
  count: number,
): Promise<{ batches: Record<string, HostTensor>[]; files: string[] }> {
  const examples = trainingExamples(subject, length, count * batchSize);
  const layout = { batch: batchSize, length, pad: subject.encoder.padTokenId, features: numericFeatures.length };
  const batches = Array.from({ length: count }, (_, i) => {
    const rows = examples.slice(i * batchSize, (i + 1) * batchSize);
    return { ...batchTensors(rows, layout), ...labelTensors(rows, batchSize) };
  });
  const files = batches.map((_, i) => join(workFolder, `batch-${length}-${i}.safetensors`));
  for (const [i, batch] of batches.entries()) await writeFile(files[i]!, writeSafetensors(batch));
  return { batches, files };
}
