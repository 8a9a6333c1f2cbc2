import type { EncoderSpec } from './spec.js';

/**
 * Names under which Hugging Face checkpoints of each family keep what we call by BERT's names.
 * Our names are those of `BertModel`; the others are derived by replacing parts.
 */

const distilbertParts: [RegExp, string][] = [
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

/** Every name under which the weight may stand in a checkpoint of this family, likeliest first. */
export function hfNames(modelType: EncoderSpec['modelType'], name: string): string[] {
  const familyName =
    modelType === 'distilbert'
      ? distilbertParts.reduce((result, [part, replacement]) => result.replace(part, replacement), name)
      : name;
  // Checkpoints of the base model have no prefix; those saved with a task's head have the family's.
  const names = [familyName, `${modelType}.${familyName}`];
  // Conversions from the TensorFlow original keep its names of the layer norm's parameters.
  return names.flatMap((n) => [
    n,
    n.replace('LayerNorm.weight', 'LayerNorm.gamma').replace('LayerNorm.bias', 'LayerNorm.beta'),
  ]);
}
