import { z } from 'zod';
import { ClvError } from '../../errors.js';

/** How a text encoder is built. Field names follow Hugging Face's `config.json`, in camel case. */
export interface EncoderSpec {
  /** Families that share BERT's architecture; checkpoints of each have their own weight names (`hf-names.ts`). */
  readonly modelType: 'bert' | 'distilbert' | 'roberta';
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  /** Rows of the position table. */
  readonly maxPositions: number;
  /** Position of the first token: 0, except RoBERTa, which counts from `padTokenId + 1`. */
  readonly positionOffset: number;
  /** Rows of the segment table; 0 where the family has none (DistilBERT). Our text is all segment 0. */
  readonly typeVocabSize: number;
  readonly layerNormEps: number;
  readonly activation: Activation;
  readonly padTokenId: number;
}

export type Activation = 'gelu' | 'gelu_tanh' | 'relu';
export type Objective = 'ZILN' | 'MSE' | 'CLASSIFICATION';
/** FULL trains every weight; LORA low-rank adapters, numeric tokens and head; HEAD numeric tokens and head only. */
export type Strategy = 'FULL' | 'LORA' | 'HEAD';

/** A fine-tuned model: an encoder with numeric tokens and a head on it. */
export interface ModelSpec {
  readonly encoder: EncoderSpec;
  /** One name a numeric token, in the order of the columns of `numeric` [B, F]; at least one. */
  readonly numericFeatures: readonly string[];
  readonly objective: Objective;
  /** CLASSIFICATION: K - 1 ascending lower bounds of tiers 1 to K - 1, in units of the label. Tier 0 lies below the first. */
  readonly classBounds?: readonly number[];
  /** CLASSIFICATION: K mean labels, one a tier, which turn class probabilities into an expected value. */
  readonly classMeans?: readonly number[];
  readonly strategy: Strategy;
  /** Rank r of the adapters; read for LORA only. */
  readonly loraRank: number;
}

/** Longest text, special tokens included, that the encoder's position table has room for. */
export function maxTextTokens(encoder: EncoderSpec): number {
  return encoder.maxPositions - encoder.positionOffset;
}

const positive = z.number().int().positive();

const bertConfig = z.object({
  model_type: z.enum(['bert', 'roberta']),
  vocab_size: positive,
  hidden_size: positive,
  num_hidden_layers: positive,
  num_attention_heads: positive,
  intermediate_size: positive,
  max_position_embeddings: positive,
  type_vocab_size: z.number().int().nonnegative().default(2),
  layer_norm_eps: z.number().positive().default(1e-12),
  hidden_act: z.string().default('gelu'),
  pad_token_id: z.number().int().nonnegative().default(0),
  position_embedding_type: z.literal('absolute').default('absolute'),
});

const distilbertConfig = z.object({
  model_type: z.literal('distilbert'),
  vocab_size: positive,
  dim: positive,
  n_layers: positive,
  n_heads: positive,
  hidden_dim: positive,
  max_position_embeddings: positive,
  activation: z.string().default('gelu'),
  pad_token_id: z.number().int().nonnegative().default(0),
});

const hfConfig = z.discriminatedUnion('model_type', [bertConfig, distilbertConfig]);

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
      `${where} does not describe an encoder that can be loaded (BERT, MiniLM, DistilBERT or RoBERTa):\n` +
        z.prettifyError(parsed.error),
    );
  }
  const spec =
    parsed.data.model_type === 'distilbert' ? fromDistilbert(parsed.data, where) : fromBert(parsed.data, where);
  if (spec.hiddenSize % spec.heads !== 0) {
    throw new ClvError(
      'CHECKPOINT_INVALID',
      `${where}: a hidden size of ${spec.hiddenSize} does not divide among ${spec.heads} attention heads.`,
    );
  }
  return spec;
}

function fromBert(config: z.infer<typeof bertConfig>, where: string): EncoderSpec {
  return {
    modelType: config.model_type,
    vocabSize: config.vocab_size,
    hiddenSize: config.hidden_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    intermediateSize: config.intermediate_size,
    maxPositions: config.max_position_embeddings,
    positionOffset: config.model_type === 'roberta' ? config.pad_token_id + 1 : 0,
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

function parseActivation(name: string, where: string): Activation {
  const known: Record<string, Activation> = {
    gelu: 'gelu',
    gelu_new: 'gelu_tanh',
    gelu_pytorch_tanh: 'gelu_tanh',
    relu: 'relu',
  };
  const activation = known[name];
  if (activation) return activation;
  throw new ClvError(
    'CHECKPOINT_INVALID',
    `${where}: activation ${JSON.stringify(name)} is not one of ${Object.keys(known).join(', ')}.`,
  );
}

/** The `config.json` that Hugging Face libraries read, for a checkpoint of the `bert` family. */
export function bertConfigOf(spec: EncoderSpec): Record<string, unknown> {
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

const encoderSpecSchema = z.object({
  modelType: z.enum(['bert', 'distilbert', 'roberta']),
  vocabSize: positive,
  hiddenSize: positive,
  layers: positive,
  heads: positive,
  intermediateSize: positive,
  maxPositions: positive,
  positionOffset: z.number().int().nonnegative(),
  typeVocabSize: z.number().int().nonnegative(),
  layerNormEps: z.number().positive(),
  activation: z.enum(['gelu', 'gelu_tanh', 'relu']),
  padTokenId: z.number().int().nonnegative(),
});

const modelSpecSchema = z
  .object({
    encoder: encoderSpecSchema,
    numericFeatures: z.array(z.string()).min(1).readonly(),
    objective: z.enum(['ZILN', 'MSE', 'CLASSIFICATION']),
    classBounds: z.array(z.number()).min(1).readonly().optional(),
    classMeans: z.array(z.number()).readonly().optional(),
    strategy: z.enum(['FULL', 'LORA', 'HEAD']),
    loraRank: positive,
  })
  .refine(
    (spec) => spec.objective !== 'CLASSIFICATION' || spec.classMeans?.length === (spec.classBounds?.length ?? 0) + 1,
    {
      message: 'CLASSIFICATION needs K - 1 classBounds and K classMeans, K at least 2',
    },
  );

/** Checks a `ModelSpec` that comes from outside, e.g. out of a stored model. @throws ClvError CHECKPOINT_INVALID */
export function parseModelSpec(value: unknown): ModelSpec {
  const parsed = modelSpecSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ClvError('CHECKPOINT_INVALID', `The model's description is not valid:\n${z.prettifyError(parsed.error)}`);
}
