import {
  add,
  clipByValue,
  cos,
  div,
  maximum,
  minimum,
  mul,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { HostTensor } from '../engine/engine.js';
import { sizeOf } from '../engine/shapes.js';
import { named, type Weights } from './layers.js';
import type { HostWeights, Shapes } from './weights.js';

export interface OptimizerSettings {
  /** Peak, reached at the end of the warm-up. */
  readonly learningRate: number;
  /** Factor of the learning rate for the encoder's weights, which are pretrained. */
  readonly encoderShare: number;
  /** Decoupled; not applied to biases and layer norms. */
  readonly weightDecay: number;
  /** Steps over which the rate climbs from 0; may be 0. */
  readonly warmupSteps: number;
  /** Step at which the rate has fallen to 0. */
  readonly totalSteps: number;
  readonly schedule: 'linear' | 'cosine';
  /** Largest norm of all gradients together. */
  readonly clipNorm: number;
}

const beta1 = 0.9;
const beta2 = 0.999;
const eps = 1e-8;

/**
 * Names and shapes of the optimizer's state for these weights: `adam.m.<name>` and `adam.v.<name>` (the moments),
 * `adam.step` (updates done so far) and `adam.correction1`, `adam.correction2`. All start at 0.
 */
export function optimizerShapes(trainable: Shapes): Shapes {
  const shapes: Shapes = { 'adam.step': [], 'adam.correction1': [], 'adam.correction2': [] };
  for (const [name, shape] of Object.entries(trainable)) {
    shapes[`adam.m.${name}`] = shape;
    shapes[`adam.v.${name}`] = shape;
  }
  return shapes;
}

/** The state before the first step. */
export function initialOptimizerState(trainable: Shapes): HostWeights {
  return Object.fromEntries(Object.entries(optimizerShapes(trainable)).map(([name, shape]) => [name, zeros(shape)]));
}

export function zeros(shape: readonly number[]): HostTensor {
  return { shape, dtype: 'float32', data: new Float32Array(sizeOf(shape)) };
}

/**
 * One step of AdamW (Loshchilov & Hutter 2019) with linear warm-up, linear or cosine decay, and clipping by
 * global norm.
 * @param inputs the weights to train and the state of `optimizerShapes`, by name
 * @param gradients by the weights' names
 * @returns new weights and new state, under the names of the inputs that they replace
 */
export function adamW(settings: OptimizerSettings, inputs: Weights, gradients: Weights): Record<string, Tensor> {
  const step = named(inputs, 'adam.step');
  const rate = learningRateAt(settings, step);
  // Running means of the constant 1: equal to 1 − βᵗ, without the cancellation that 1 − βᵗ has in float32.
  const correction1 = runningMeanOfOne(named(inputs, 'adam.correction1'), beta1);
  const correction2 = runningMeanOfOne(named(inputs, 'adam.correction2'), beta2);
  const outputs: Record<string, Tensor> = {
    'adam.step': add(step, 1),
    'adam.correction1': correction1,
    'adam.correction2': correction2,
  };
  const clip = clipFactor(Object.values(gradients), settings.clipNorm);
  // Scalars first: every product with a whole tensor is a pass over all weights. The direction is
  // (m / c₁) / (√(v / c₂) + ε) = (√c₂ / c₁) m / (√v + ε √c₂).
  const [shareOfM, shareOfV] = [mul(clip, 1 - beta1), mul(square(clip), 1 - beta2)];
  const root2 = sqrt(correction2);
  const epsilon = mul(root2, eps);
  for (const [name, gradient] of Object.entries(gradients)) {
    const m = add(mul(named(inputs, `adam.m.${name}`), beta1), mul(gradient, shareOfM));
    const v = add(mul(named(inputs, `adam.v.${name}`), beta2), mul(square(gradient), shareOfV));
    const before = named(inputs, name);
    const own = isOfEncoder(name) ? mul(rate, settings.encoderShare) : rate;
    const change = mul(div(m, add(sqrt(v), epsilon)), mul(own, div(root2, correction1)));
    const decayed = decays(name) ? mul(before, sub(1, mul(own, settings.weightDecay))) : before;
    outputs[name] = sub(decayed, change);
    outputs[`adam.m.${name}`] = m;
    outputs[`adam.v.${name}`] = v;
  }
  return outputs;
}

function isOfEncoder(name: string): boolean {
  return !/^(numeric|head|lora)\./.test(name);
}

/** Whether weight decay applies. The size of biases and layer norms is not complexity. */
function decays(name: string): boolean {
  return !name.endsWith('.bias') && !name.includes('LayerNorm');
}

function runningMeanOfOne(mean: Tensor, beta: number): Tensor {
  return add(mul(mean, beta), 1 - beta);
}

/** min(1, clipNorm / norm) with the norm over all gradients together (Pascanu, Mikolov & Bengio 2013). */
function clipFactor(gradients: Tensor[], clipNorm: number): Tensor {
  const squares = gradients.map((gradient) => sum(square(gradient))).reduce((total, next) => add(total, next));
  return div(clipNorm, maximum(sqrt(squares), clipNorm));
}

/** Learning rate of the update after `step` updates. `step` is a float32 scalar, and so is the result. */
export function learningRateAt(settings: OptimizerSettings, step: Tensor): Tensor {
  const { learningRate, warmupSteps, totalSteps, schedule } = settings;
  const warmup = minimum(div(add(step, 1), Math.max(warmupSteps, 1)), 1);
  const done = clipByValue(div(sub(step, warmupSteps), Math.max(totalSteps - warmupSteps, 1)), 0, 1);
  const decay = schedule === 'linear' ? sub(1, done) : mul(add(cos(mul(done, Math.PI)), 1), 0.5);
  return mul(mul(warmup, decay), learningRate);
}
