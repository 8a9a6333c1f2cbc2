import { Random } from '../../random.js';
import type { HostTensor } from '../engine/engine.js';
import { sizeOf } from '../engine/shapes.js';
import { numbersWidth, outputSize } from './head.js';
import { adaptedProjections } from './lora.js';
import type { EncoderSpec, ModelSpec } from './spec.js';

/** Weights in Node's memory, by name. */
export type HostWeights = Record<string, HostTensor>;
/** A model in Node's memory. */
export interface HostModel {
  readonly spec: ModelSpec;
  readonly weights: HostWeights;
}
export type Shapes = Record<string, readonly number[]>;

/** BERT's initialiser range. */
const encoderStd = 0.02;

/** Every weight of the encoder, as in Hugging Face's `BertModel` without its pooler, or of GPT-2 (`gpt2.ts`). */
export function encoderShapes(spec: EncoderSpec): Shapes {
  const hidden = spec.hiddenSize;
  const causal = spec.modelType === 'gpt2';
  const shapes: Shapes = {
    'embeddings.word_embeddings.weight': [spec.vocabSize, hidden],
    'embeddings.position_embeddings.weight': [spec.maxPositions, hidden],
    ...(spec.typeVocabSize > 0 && { 'embeddings.token_type_embeddings.weight': [spec.typeVocabSize, hidden] }),
    ...layerNormShapes(causal ? 'encoder.LayerNorm' : 'embeddings.LayerNorm', hidden),
  };
  for (let i = 0; i < spec.layers; i++) {
    const layer = `encoder.layer.${i}`;
    Object.assign(
      shapes,
      linearShapes(`${layer}.attention.self.query`, hidden, hidden),
      linearShapes(`${layer}.attention.self.key`, hidden, hidden),
      linearShapes(`${layer}.attention.self.value`, hidden, hidden),
      linearShapes(`${layer}.attention.output.dense`, hidden, hidden),
      layerNormShapes(`${layer}.attention.${causal ? '' : 'output.'}LayerNorm`, hidden),
      linearShapes(`${layer}.intermediate.dense`, hidden, spec.intermediateSize),
      linearShapes(`${layer}.output.dense`, spec.intermediateSize, hidden),
      layerNormShapes(`${layer}.${causal ? 'intermediate' : 'output'}.LayerNorm`, hidden),
    );
  }
  return shapes;
}

/** What fine-tuning adds to the encoder: numeric tokens, head and, for LORA, adapters. */
export function addedShapes(spec: ModelSpec): Shapes {
  const hidden = spec.encoder.hiddenSize;
  const outputs = outputSize(spec);
  const shapes: Shapes = {
    'numeric.weight': [spec.numericFeatures.length, hidden],
    'numeric.bias': [spec.numericFeatures.length, hidden],
    ...linearShapes('head.dense', hidden + spec.numericFeatures.length, hidden),
    ...linearShapes('head.delta', hidden, outputs),
    ...numbersHeadShapes(spec),
  };
  if (spec.strategy === 'LORA') {
    for (const name of adaptedProjections(spec.encoder)) {
      shapes[`lora.${name}.A`] = [spec.loraRank, hidden];
      shapes[`lora.${name}.B`] = [hidden, spec.loraRank];
    }
  }
  return shapes;
}

/** What is trained before everything else, on numbers alone: see `numbersHead`. */
export function numbersHeadShapes(spec: ModelSpec): Shapes {
  const width = numbersWidth * (spec.numbersNetworks ?? 1);
  return {
    ...linearShapes('head.numbers.dense', spec.numericFeatures.length, width),
    ...linearShapes('head.numbers.inner', width, width),
    ...linearShapes('head.numbers.delta', width, outputSize(spec)),
    ...(spec.objective === 'CLASSIFICATION' && { 'head.prior.weight': [outputSize(spec), 2] }),
  };
}

/** Name of the words' effects on the prior, in models that have them. Serving programs do not read it: see `movedByWords`. */
export const wordEffectsTable = 'head.words.weight';

export function wordEffectsShapes({ encoder }: ModelSpec): Shapes {
  return { [wordEffectsTable]: [encoder.vocabSize, 2] };
}

/** Every weight of the model that its programs read. */
export function modelShapes(spec: ModelSpec): Shapes {
  return { ...encoderShapes(spec.encoder), ...addedShapes(spec) };
}

/**
 * Names of the weights that training of the whole model changes, under the spec's strategy. By then the numbers' part
 * of the head has been trained on more rows than the whole model reads, and stays.
 */
export function trainableWeights(spec: ModelSpec): string[] {
  const numbers = numbersHeadShapes(spec);
  const shapes = spec.strategy === 'FULL' ? modelShapes(spec) : addedShapes(spec);
  return Object.keys(shapes).filter((name) => !(name in numbers));
}

/** A random encoder, as BERT initialises it. The same seed gives the same weights. */
export function initialiseEncoder(spec: EncoderSpec, seed: number | string): HostWeights {
  return initialise(encoderShapes(spec), seed, () => encoderStd);
}

/**
 * An untrained model: the encoder as given, random numeric tokens and head, zero delta.
 * @param encoder weights of `encoderShapes(spec.encoder)`, used as they are
 */
export function initialiseModel(spec: ModelSpec, encoder: HostWeights, seed: number | string): HostWeights {
  return { ...encoder, ...initialise(addedShapes(spec), seed, addedStd(spec)) };
}

/** An untrained network on numbers. */
export function initialiseNumbers(spec: ModelSpec, seed: number | string): HostWeights {
  return initialise(numbersHeadShapes(spec), seed, addedStd(spec));
}

function addedStd(spec: ModelSpec): (name: string) => number {
  const hidden = spec.encoder.hiddenSize;
  return (name) => {
    // Next to text embeddings, which layer normalisation brings to a size of 1 a coordinate, a numeric token
    // must be large enough to be seen and small enough not to drown them.
    if (name.startsWith('numeric.')) return 0.25;
    if (name === 'head.dense.weight') return 1 / Math.sqrt(hidden);
    if (name === 'head.numbers.dense.weight') return 0.5 / Math.sqrt(spec.numericFeatures.length);
    if (name === 'head.numbers.inner.weight') return 0.5 / Math.sqrt(numbersWidth);
    if (name.endsWith('.A')) return 1 / Math.sqrt(hidden);
    return 0;
  };
}

/** Biases start at 0 (feature biases excepted), layer norm's scales at 1, everything else normal. */
export function initialise(shapes: Shapes, seed: number | string, std: (name: string) => number): HostWeights {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const data = new Float32Array(sizeOf(shape));
      if (name.endsWith('LayerNorm.weight')) {
        data.fill(1);
      } else if (!name.endsWith('.bias') || name === 'numeric.bias') {
        // A random stream of its own for each weight: adding a layer does not change the others.
        const random = new Random(`${seed}/${name}`);
        const deviation = std(name);
        if (deviation > 0) for (let i = 0; i < data.length; i++) data[i] = random.normal(0, deviation);
      }
      return [name, { shape, dtype: 'float32', data }];
    }),
  );
}

export function linearShapes(name: string, inputs: number, outputs: number): Shapes {
  return { [`${name}.weight`]: [outputs, inputs], [`${name}.bias`]: [outputs] };
}

export function layerNormShapes(name: string, size: number): Shapes {
  return { [`${name}.weight`]: [size], [`${name}.bias`]: [size] };
}
