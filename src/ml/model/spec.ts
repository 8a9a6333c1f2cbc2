import { z } from 'zod';
import { ClvError } from '../../errors.js';

/** How a text encoder is built. Field names follow Hugging Face's `config.json`, in camel case. */
export interface EncoderSpec {
  /** Families; checkpoints of each have their own weight names (`hf-names.ts`). All but GPT-2 share BERT's architecture. */
  readonly modelType: ModelType;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediateSize: number;
  /** Rows of the position table. */
  readonly maxPositions: number;
  /** Position of the first token: 0, except RoBERTa, which counts from `padTokenId + 1`. */
  readonly positionOffset: number;
  /** Rows of the segment table; 0 where the family has none (DistilBERT, GPT-2). Our text is all segment 0. */
  readonly typeVocabSize: number;
  readonly layerNormEps: number;
  readonly activation: Activation;
  readonly padTokenId: number;
}

/** MiniLM is `bert`, and XLM-R and CamemBERT are `roberta`. */
const modelTypes = ['bert', 'distilbert', 'roberta', 'gpt2'] as const;
export type ModelType = (typeof modelTypes)[number];
export type Activation = 'gelu' | 'gelu_tanh' | 'relu';
export type Objective = 'ZILN' | 'MSE' | 'CLASSIFICATION';
/** FULL trains every weight; LORA low-rank adapters, numeric tokens and head; HEAD numeric tokens and head only. */
export type Strategy = 'FULL' | 'LORA' | 'HEAD';

/** A fine-tuned model: an encoder with numeric tokens and a head on it. */
export interface ModelSpec {
  readonly encoder: EncoderSpec;
  /** One name a numeric token, in the order of the columns of `numeric` [B, F]; at least one. */
  readonly numericFeatures: readonly string[];
  /** Networks on numbers, which are averaged (`numbers-networks.ts`); 1 where not given. */
  readonly numbersNetworks?: number;
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

const encoderSpecSchema = z.object({
  modelType: z.enum(modelTypes),
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
    numbersNetworks: positive.optional(),
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
