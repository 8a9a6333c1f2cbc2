import { scalar, setBackend, tensor1d, tidy, type Tensor } from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { adamW, learningRateAt, type OptimizerSettings } from '../../../src/ml/model/adamw.js';

beforeAll(async () => {
  await setBackend('cpu');
});

const settings: OptimizerSettings = {
  learningRate: 0.1,
  encoderShare: 1,
  weightDecay: 0.5,
  warmupSteps: 0,
  totalSteps: 1e9,
  schedule: 'linear',
  clipNorm: 1e9,
};

function start(weights: Record<string, number[]>): Record<string, Tensor> {
  const state: Record<string, Tensor> = {
    'adam.step': scalar(0),
    'adam.correction1': scalar(0),
    'adam.correction2': scalar(0),
  };
  for (const [name, values] of Object.entries(weights)) {
    state[name] = tensor1d(values);
    state[`adam.m.${name}`] = tensor1d(values.map(() => 0));
    state[`adam.v.${name}`] = tensor1d(values.map(() => 0));
  }
  return state;
}

/** The paper's algorithm 2, with numbers. */
function reference(weight: number, gradients: readonly number[], decay: number): number {
  let [m, v, w] = [0, 0, weight];
  gradients.forEach((g, i) => {
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    const step = m / (1 - 0.9 ** (i + 1)) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8);
    w -= settings.learningRate * (step + decay * w);
  });
  return w;
}

function steps(name: string, weight: number, gradients: readonly number[], options = settings): number {
  return tidy(() => {
    let state = start({ [name]: [weight] });
    for (const g of gradients) state = { ...state, ...adamW(options, state, { [name]: tensor1d([g]) }) };
    return state[name]?.dataSync()[0] as number;
  });
}

describe('AdamW', () => {
  const gradients = [0.3, -2, 0.01, 0.7, 0.7];

  it('follows the paper', () => {
    expect(steps('encoder.query.weight', 1.5, gradients)).toBeCloseTo(reference(1.5, gradients, 0.5), 5);
  });

  it('moves the encoder by its share of the learning rate', () => {
    const moved = (name: string) => steps(name, 1, [1], { ...settings, weightDecay: 0, encoderShare: 0.25 }) - 1;
    expect(moved('layer.0.weight') / moved('head.delta.weight')).toBeCloseTo(0.25, 5);
  });

  it.each(['head.delta.bias', 'embeddings.LayerNorm.weight'])('does not decay %s', (name) => {
    expect(steps(name, 1.5, gradients)).toBeCloseTo(reference(1.5, gradients, 0), 5);
  });

  it('clips by the norm of all gradients together', () => {
    tidy(() => {
      const state = start({ a: [0], b: [0] });
      const next = adamW({ ...settings, clipNorm: 1 }, state, { a: tensor1d([3]), b: tensor1d([4]) });
      expect(next['adam.m.a']?.dataSync()[0]).toBeCloseTo(0.1 * 0.6, 6);
      expect(next['adam.m.b']?.dataSync()[0]).toBeCloseTo(0.1 * 0.8, 6);
      const small = adamW({ ...settings, clipNorm: 10 }, state, { a: tensor1d([3]), b: tensor1d([4]) });
      expect(small['adam.m.a']?.dataSync()[0]).toBeCloseTo(0.3, 6);
    });
  });

  it('counts its steps', () => {
    tidy(() => {
      const next = adamW(settings, start({ a: [0] }), { a: tensor1d([1]) });
      expect(next['adam.step']?.dataSync()[0]).toBe(1);
    });
  });
});

describe('learning rate', () => {
  const rate = (schedule: 'linear' | 'cosine', step: number): number =>
    tidy(
      () =>
        learningRateAt(
          { ...settings, learningRate: 1, warmupSteps: 4, totalSteps: 14, schedule },
          scalar(step),
        ).dataSync()[0] as number,
    );

  it('climbs to its peak over the warm-up', () => {
    expect([0, 1, 3, 4].map((step) => rate('linear', step))).toEqual([0.25, 0.5, 1, 1]);
  });

  it('falls in a line, or in half a cosine, to 0 and stays there', () => {
    expect([9, 14, 20].map((step) => rate('linear', step))).toEqual([0.5, 0, 0]);
    expect(rate('cosine', 9)).toBeCloseTo(0.5, 6);
    expect(rate('cosine', 6.5)).toBeCloseTo((1 + Math.cos(Math.PI / 4)) / 2, 6);
    expect(rate('cosine', 14)).toBeCloseTo(0, 6);
  });
});
