import type { Tensor } from '@tensorflow/tfjs-core';
import type { TensorSpec } from '../../src/ml/engine/engine.js';
import { type OptimizerSettings, optimizerShapes } from '../../src/ml/model/adamw.js';
import { named, type Weights } from '../../src/ml/model/layers.js';
import { type BatchShape, float32, type ProgramDefinition, trainingStep } from '../../src/ml/model/programs.js';
import type { EncoderSpec } from '../../src/ml/model/spec.js';
import { encoderShapes, type Shapes } from '../../src/ml/model/weights.js';
import { mlmHeadShapes, mlmLoss } from './mlm.js';

/** A batch for masked language modelling, with `masked` places to guess. */
export interface MlmShape extends BatchShape {
  readonly masked: number;
}

/**
 * One step of masked language modelling.
 * Inputs: the weights of `mlmShapes(spec)`; the state of `optimizerShapes(mlmShapes(spec))`; `tokenIds`, `tokenMask`
 * [B, L]; `maskedPositions`, `maskedTargets` int32 and `maskedWeights` float32, all [masked] (see `mlmLoss`).
 * Outputs: `loss`, new weights and new state, as in `trainProgram`.
 */
export function mlmProgram(spec: EncoderSpec, shape: MlmShape, optimizer: OptimizerSettings): ProgramDefinition {
  const shapes = mlmShapes(spec);
  return {
    inputs: { ...float32(shapes), ...float32(optimizerShapes(shapes)), ...mlmInputs(shape) },
    fn: (inputs) => trainingStep(optimizer, inputs, Object.keys(shapes), (weights) => mlmLossOf(weights, spec, inputs)),
  };
}

/** Loss of masked language modelling without training. Inputs as `mlmProgram`, less the state. Output: `loss`. */
export function mlmLossProgram(spec: EncoderSpec, shape: MlmShape): ProgramDefinition {
  return {
    inputs: { ...float32(mlmShapes(spec)), ...mlmInputs(shape) },
    fn: (inputs) => ({ loss: mlmLossOf(inputs, spec, inputs) }),
  };
}

function mlmInputs({ batch, length, masked }: MlmShape): Record<string, TensorSpec> {
  return {
    tokenIds: { shape: [batch, length], dtype: 'int32' },
    maskedPositions: { shape: [masked], dtype: 'int32' },
    maskedTargets: { shape: [masked], dtype: 'int32' },
    ...float32({ tokenMask: [batch, length], maskedWeights: [masked] }),
  };
}

function mlmLossOf(weights: Weights, spec: EncoderSpec, inputs: Weights): Tensor {
  return mlmLoss(weights, spec, {
    tokenIds: named(inputs, 'tokenIds'),
    tokenMask: named(inputs, 'tokenMask'),
    positions: named(inputs, 'maskedPositions'),
    targets: named(inputs, 'maskedTargets'),
    weight: named(inputs, 'maskedWeights'),
  });
}

/** Weights of the encoder together with those of its masked-language-modelling head. */
export function mlmShapes(spec: EncoderSpec): Shapes {
  return { ...encoderShapes(spec), ...mlmHeadShapes(spec) };
}
