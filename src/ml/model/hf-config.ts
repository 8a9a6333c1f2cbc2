import { z } from 'zod';
import { ClvError } from '../../errors.js';
import { type Activation, type EncoderSpec, maxTextTokens } from './spec.js';

/** Shorter position tables are refused: texts are padded to multiples of it. */
const leastPositions = 16;

const positive = z.number().int().positive();
/** Limited, since the weights of all layers are listed before a file is read. */
const layers = positive.max(1_000);
/** Newer versions of the libraries write null where there is none. */
const tokenId = (otherwise: number) =>
  z
    .number()
    .int()
    .nonnegative()
    .nullish()
    .transform((id) => id ?? otherwise);

const bertSizes = {
  vocab_size: positive,
  hidden_size: positive,
  num_hidden_layers: layers,
  num_attention_heads: positive,
  intermediate_size: positive,
  max_position_embeddings: positive,
  type_vocab_size: z.number().int().nonnegative().default(2),
  layer_norm_eps: z.number().positive().default(1e-12),
  hidden_act: z.string().default('gelu'),
  position_embedding_type: z.literal('absolute').nullish(),
  /** Decoders of this architecture attend to earlier positions only, which is not supported. */
  is_decoder: z.literal(false).nullish(),
};
const bertConfig = z.object({ model_type: z.literal('bert'), ...bertSizes, pad_token_id: tokenId(0) });
const robertaConfig = z.object({
  model_type: z.enum(['roberta', 'xlm-roberta', 'camembert']),
  ...bertSizes,
  pad_token_id: tokenId(1),
});

const distilbertConfig = z.object({
  model_type: z.literal('distilbert'),
  vocab_size: positive,
  dim: positive,
  n_layers: layers,
  n_heads: positive,
  hidden_dim: positive,
  max_position_embeddings: positive,
  activation: z.string().default('gelu'),
  pad_token_id: tokenId(0),
});

const gpt2Config = z.object({
  model_type: z.literal('gpt2'),
  vocab_size: positive,
  n_embd: positive,
  n_layer: layers,
  n_head: positive,
  n_inner: positive.nullish(),
  n_positions: positive,
  layer_norm_epsilon: z.number().positive().default(1e-5),
  activation_function: z.string().default('gelu_new'),
  scale_attn_weights: z.literal(true).default(true),
  scale_attn_by_inverse_layer_idx: z.literal(false).default(false),
  // Some list several end tokens; the first one is used for padding.
  eos_token_id: z.preprocess((id) => (Array.isArray(id) ? id[0] : id), tokenId(0)),
  pad_token_id: z.number().int().nonnegative().nullish(),
});

const hfConfig = z.discriminatedUnion('model_type', [bertConfig, robertaConfig, distilbertConfig, gpt2Config]);
type HfConfig = z.infer<typeof hfConfig>;

/**
 * Reads a Hugging Face `config.json`.
 * @param where the file's name, for messages
 * @throws ClvError CHECKPOINT_INVALID for another architecture, a missing or an impossible field
 */
export function parseEncoderSpec(config: unknown, where = 'config.json'): EncoderSpec {
  const parsed = hfConfig.safeParse(config);
  if (!parsed.success) {
    throw new ClvError(
      'CHECKPOINT_INVALID',
      `${where} does not describe a model that can be loaded (BERT, MiniLM, DistilBERT, RoBERTa or GPT-2):\n` +
        z.prettifyError(parsed.error),
    );
  }
  const spec = specOf(parsed.data, where);
  if (maxTextTokens(spec) < leastPositions) {
    throw new ClvError(
      'CHECKPOINT_INVALID',
      `${where}: there are positions for ${maxTextTokens(spec)} tokens of text; at least ${leastPositions} are needed.`,
    );
  }
  if (spec.hiddenSize % spec.heads !== 0) {
    throw new ClvError(
      'CHECKPOINT_INVALID',
      `${where}: a hidden size of ${spec.hiddenSize} does not divide among ${spec.heads} attention heads.`,
    );
  }
  return spec;
}

function specOf(config: HfConfig, where: string): EncoderSpec {
  switch (config.model_type) {
    case 'distilbert':
      return fromDistilbert(config, where);
    case 'gpt2':
      return fromGpt2(config, where);
    case 'bert':
      return { modelType: 'bert', positionOffset: 0, ...fromBert(config, where) };
    default:
      // RoBERTa's first position is the row after that of its padding token.
      return { modelType: 'roberta', positionOffset: config.pad_token_id + 1, ...fromBert(config, where) };
  }
}

function fromBert(
  config: z.infer<typeof bertConfig> | z.infer<typeof robertaConfig>,
  where: string,
): Omit<EncoderSpec, 'modelType' | 'positionOffset'> {
  return {
    vocabSize: config.vocab_size,
    hiddenSize: config.hidden_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    intermediateSize: config.intermediate_size,
    maxPositions: config.max_position_embeddings,
    typeVocabSize: config.type_vocab_size,
    layerNormEps: config.layer_norm_eps,
    activation: parseActivation(config.hidden_act, where),
    padTokenId: config.pad_token_id,
  };
}

function fromDistilbert(config: z.infer<typeof distilbertConfig>, where: string): EncoderSpec {
  return {
    modelType: 'distilbert',
    vocabSize: config.vocab_size,
    hiddenSize: config.dim,
    layers: config.n_layers,
    heads: config.n_heads,
    intermediateSize: config.hidden_dim,
    maxPositions: config.max_position_embeddings,
    positionOffset: 0,
    typeVocabSize: 0,
    layerNormEps: 1e-12,
    activation: parseActivation(config.activation, where),
    padTokenId: config.pad_token_id,
  };
}

function fromGpt2(config: z.infer<typeof gpt2Config>, where: string): EncoderSpec {
  return {
    modelType: 'gpt2',
    vocabSize: config.vocab_size,
    hiddenSize: config.n_embd,
    layers: config.n_layer,
    heads: config.n_head,
    intermediateSize: config.n_inner ?? 4 * config.n_embd,
    maxPositions: config.n_positions,
    positionOffset: 0,
    typeVocabSize: 0,
    layerNormEps: config.layer_norm_epsilon,
    activation: parseActivation(config.activation_function, where),
    padTokenId: config.pad_token_id ?? config.eos_token_id,
  };
}

const activations: ReadonlyMap<string, Activation> = new Map([
  ['gelu', 'gelu'],
  ['gelu_new', 'gelu_tanh'],
  ['gelu_pytorch_tanh', 'gelu_tanh'],
  ['relu', 'relu'],
]);

function parseActivation(name: string, where: string): Activation {
  const activation = activations.get(name);
  if (activation) return activation;
  throw new ClvError(
    'CHECKPOINT_INVALID',
    `${where}: activation ${JSON.stringify(name)} is not one of ${[...activations.keys()].join(', ')}.`,
  );
}
