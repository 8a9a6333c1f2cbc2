import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TokenizerFiles } from '../text/tokenizer.js';
import { weightsFile } from './checkpoint.js';
import { writeSafetensors } from './safetensors.js';
import type { EncoderSpec } from './spec.js';
import type { HostWeights } from './weights.js';

/** Writes a folder that `loadCheckpoint` and Hugging Face's libraries read. The encoder must be of the `bert` family. */
export async function saveCheckpoint(
  folder: string,
  checkpoint: {
    readonly spec: EncoderSpec;
    /** Encoder weights; weights of `mlmHeadShapes` are kept beside them. */
    readonly weights: HostWeights;
    readonly tokenizer: TokenizerFiles;
  },
): Promise<void> {
  const { spec, weights, tokenizer } = checkpoint;
  if (spec.modelType !== 'bert') {
    throw new RangeError(
      `Checkpoints of the ${spec.modelType} family can be read, and written as models, but not as checkpoints.`,
    );
  }
  const named = Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => [name.startsWith('cls.') ? name : `bert.${name}`, tensor]),
  );
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'config.json'), `${JSON.stringify(bertConfigOf(spec), null, 2)}\n`);
  await writeFile(path.join(folder, 'tokenizer.json'), tokenizer.tokenizer);
  await writeFile(path.join(folder, 'tokenizer_config.json'), tokenizer.config);
  await writeFile(path.join(folder, weightsFile), writeSafetensors(named, { format: 'pt' }));
}

/** The `config.json` that Hugging Face libraries read, for a checkpoint of the `bert` family. */
function bertConfigOf(spec: EncoderSpec): Record<string, unknown> {
  return {
    architectures: ['BertForMaskedLM'],
    model_type: 'bert',
    vocab_size: spec.vocabSize,
    hidden_size: spec.hiddenSize,
    num_hidden_layers: spec.layers,
    num_attention_heads: spec.heads,
    intermediate_size: spec.intermediateSize,
    max_position_embeddings: spec.maxPositions,
    type_vocab_size: spec.typeVocabSize,
    layer_norm_eps: spec.layerNormEps,
    hidden_act: spec.activation === 'gelu_tanh' ? 'gelu_new' : spec.activation,
    hidden_dropout_prob: 0.1,
    attention_probs_dropout_prob: 0.1,
    initializer_range: 0.02,
    pad_token_id: spec.padTokenId,
    position_embedding_type: 'absolute',
    torch_dtype: 'float32',
  };
}
