import type { HostTensor } from '../engine/engine.js';
import { wordTable } from './encoder.js';
import type { ModelType } from './spec.js';

/**
 * Names and layout of weights in the Hugging Face checkpoints of each family. Our names are those of `BertModel`; the others' are
 * derived by replacing parts.
 */

/** How a weight is stored in a checkpoint. */
export interface StoredWeight {
  /** Every name under which it may stand, likeliest first. */
  readonly names: readonly string[];
  /** Shape of the stored tensor. */
  readonly shape: readonly number[];
  /** Makes our weight of the stored tensor. */
  readonly decode: (stored: HostTensor) => HostTensor;
}

type Parts = readonly [RegExp, string][];

const distilbertParts: Parts = [
  [/^encoder\.layer\./, 'transformer.layer.'],
  [/attention\.self\.query/, 'attention.q_lin'],
  [/attention\.self\.key/, 'attention.k_lin'],
  [/attention\.self\.value/, 'attention.v_lin'],
  [/attention\.output\.dense/, 'attention.out_lin'],
  [/attention\.output\.LayerNorm/, 'sa_layer_norm'],
  [/intermediate\.dense/, 'ffn.lin1'],
  [/(?<=layer\.\d+\.)output\.dense/, 'ffn.lin2'],
  [/(?<=layer\.\d+\.)output\.LayerNorm/, 'output_layer_norm'],
];

const gpt2Parts: Parts = [
  [/^embeddings\.word_embeddings/, 'wte'],
  [/^embeddings\.position_embeddings/, 'wpe'],
  [/^encoder\.LayerNorm/, 'ln_f'],
  [/^encoder\.layer\./, 'h.'],
  [/attention\.self\.(query|key|value)/, 'attn.c_attn'],
  [/attention\.output\.dense/, 'attn.c_proj'],
  [/attention\.LayerNorm/, 'ln_1'],
  [/intermediate\.LayerNorm/, 'ln_2'],
  [/intermediate\.dense/, 'mlp.c_fc'],
  [/(?<=h\.\d+\.)output\.dense/, 'mlp.c_proj'],
];

/** @param shape shape of our weight */
export function storedWeight(modelType: ModelType, name: string, shape: readonly number[]): StoredWeight {
  if (modelType === 'gpt2') return gpt2Weight(name, shape);
  const familyName = modelType === 'distilbert' ? replaced(name, distilbertParts) : name;
  // Conversions from the TensorFlow original keep its names of the layer norm's parameters.
  const names = prefixed(familyName, modelType).flatMap((n) => [
    n,
    n.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'),
  ]);
  return { names, shape, decode: (stored) => stored };
}

/** GPT-2's projections are stored as [in, out], with query, key and value side by side in one tensor. */
function gpt2Weight(name: string, shape: readonly number[]): StoredWeight {
  const names = prefixed(replaced(name, gpt2Parts), 'transformer');
  // The output layer is the word table: some files keep the one tensor under this name only.
  if (name === wordTable) names.push('lm_head.weight');
  const part = ['query', 'key', 'value'].findIndex((projection) => name.includes(`.self.${projection}.`));
  const parts = part < 0 ? 1 : 3;
  const first = Math.max(part, 0);
  const isProjection = /\.(self\.\w+|dense)\.weight$/.test(name);
  const [outputs = 1, inputs = 1] = shape;
  if (isProjection) {
    return {
      names,
      shape: [inputs, parts * outputs],
      decode: (stored) => transposedColumns(stored, first * outputs, outputs),
    };
  }
  if (part < 0) return { names, shape, decode: (stored) => stored };
  return {
    names,
    shape: [parts * outputs],
    decode: ({ data, dtype }) => ({ shape, dtype, data: data.slice(first * outputs, (first + 1) * outputs) }),
  };
}

/** Columns [from, from + count) of [rows, columns], as [count, rows]. */
function transposedColumns({ shape, dtype, data }: HostTensor, from: number, count: number): HostTensor {
  const [rows, columns] = shape as [number, number];
  const result = new Float32Array(count * rows);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < count; i++) result[i * rows + row] = data[row * columns + from + i] as number;
  }
  return { shape: [count, rows], dtype, data: result };
}

function replaced(name: string, parts: Parts): string {
  return parts.reduce((result, [part, replacement]) => result.replace(part, replacement), name);
}

/** Checkpoints of the base model have no prefix; those saved with a task's head have the family's. */
function prefixed(name: string, prefix: string): string[] {
  return [name, `${prefix}.${name}`];
}
