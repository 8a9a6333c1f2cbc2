import { setBackend } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { EagerEngine } from '../../../src/ml/engine/eager-engine.js';
import { registerGradients } from '../../../src/ml/engine/gradients/register.js';
import { initialOptimizerState } from '../../../src/ml/model/adamw.js';
import { mlmProgram, mlmShapes } from '../../../scripts/pretrain/mlm-programs.js';
import { attributionProgram, forwardProgram } from '../../../src/ml/model/programs.js';
import type { ModelSpec } from '../../../src/ml/model/spec.js';
import { initialise } from '../../../src/ml/model/weights.js';
import { cpuEngine } from '../engine/support.js';
import {
  float32,
  freshWeights,
  int32,
  iterate,
  optimizer,
  randomWeights,
  run,
  tinyBatch,
  tinyEncoder,
  tinyGpt2,
  tinyModel,
  tinyShape,
  train,
} from './support.js';

const eager = new EagerEngine('cpu', 'TensorFlow.js, CPU');
const traced = cpuEngine();
const steps = 20;

beforeAll(async () => {
  registerGradients();
  await setBackend('cpu');
});

/** Distance of two tensors as a share of their size. */
function relativeDistance(a: readonly number[], b: readonly number[]): number {
  const distance = Math.hypot(...a.map((value, i) => value - (b[i] as number)));
  return distance / Math.max(Math.hypot(...b), 1e-6);
}

/** The largest relative distance of any tensor. */
function furthest(actual: Record<string, number[]>, expected: Record<string, number[]>): number {
  const distances = Object.entries(expected)
    // Softmax does not see a shift of all scores: the key's bias has a gradient of rounding errors only.
    .filter(([name]) => !name.endsWith('key.bias'))
    .map(([name, values]) => relativeDistance(actual[name] as number[], values));
  return Math.max(...distances);
}

describe('the traced graph against TensorFlow.js on the CPU', () => {
  it.each(['ZILN', 'MSE', 'CLASSIFICATION'] as const)('scores alike, %s', async (objective) => {
    const spec: ModelSpec = { ...tinyModel, objective };
    const inputs = { ...randomWeights(spec), ...tinyBatch() };
    const program = forwardProgram(spec, tinyShape);
    expect(furthest(await run(traced, program, inputs), await run(eager, program, inputs))).toBeLessThan(1e-5);
  });

  it.each([tinyEncoder, tinyGpt2])('attributes alike, $modelType', async (encoder) => {
    const spec = { ...tinyModel, encoder };
    const { batch, length } = tinyShape;
    const inputs = {
      ...randomWeights(spec),
      ...tinyBatch(),
      baselineTokenIds: int32([batch, length], (i) => i % 7),
      baselineNumeric: float32([batch, 3], () => 0),
      baselinePrior: float32([batch, 2], () => 0.1),
      alpha: float32([batch], (i) => i / batch),
    };
    const program = attributionProgram(spec, tinyShape);
    expect(furthest(await run(traced, program, inputs), await run(eager, program, inputs))).toBeLessThan(1e-5);
  });

  it.each([
    ['ZILN', 'FULL', 'bert'],
    ['MSE', 'LORA', 'bert'],
    ['CLASSIFICATION', 'HEAD', 'bert'],
    ['ZILN', 'FULL', 'gpt2'],
    ['ZILN', 'LORA', 'gpt2'],
  ] as const)(`takes ${steps} optimizer steps alike, %s, %s, %s`, async (objective, strategy, family) => {
    const encoder = family === 'gpt2' ? tinyGpt2 : tinyEncoder;
    const spec: ModelSpec = { ...tinyModel, objective, strategy, encoder };
    const expected = await train(eager, spec, freshWeights(spec), steps);
    const actual = await train(traced, spec, freshWeights(spec), steps);
    expect(relativeDistance(actual.losses, expected.losses)).toBeLessThan(1e-5);
    expect(expected.losses.at(-1)).toBeLessThan(expected.losses[0] as number);
    expect(furthest(actual.state, expected.state)).toBeLessThan(1e-5);
  });

  it(`takes ${steps} steps of masked language modelling alike`, async () => {
    const shapes = mlmShapes(tinyEncoder);
    const program = mlmProgram(tinyEncoder, { ...tinyShape, masked: 5 }, optimizer);
    const start = {
      ...initialise(shapes, 1, () => 0.1),
      ...initialOptimizerState(shapes),
      maskedPositions: int32([5], (i) => 4 * i + 1),
      maskedTargets: int32([5], (i) => 3 * i + 2),
      maskedWeights: float32([5], (i) => (i < 4 ? 1 : 0)),
    };
    const expected = await iterate(eager, program, start, steps);
    const actual = await iterate(traced, program, start, steps);
    expect(relativeDistance(actual.losses, expected.losses)).toBeLessThan(1e-5);
    expect(furthest(actual.state, expected.state)).toBeLessThan(1e-5);
  });
});
