import { expect, it } from 'vitest';
import type { HostTensor } from '../../../src/ml/engine/engine.js';
import { headStep } from '../../../src/ml/training/head-training.js';
import { idleEngine } from './idle-engine.js';

it('a step leaves nothing in the engine but the weights: those that it reads, and its own in place of the old ones', async () => {
  const { engine, held, programOf } = idleEngine();
  const host: HostTensor = { shape: [1], dtype: 'float32', data: Float32Array.of(1) };
  const old = engine.upload(host);
  const state = { weight: old };
  const fixed = { encoder: engine.upload(host) };
  await headStep(engine, programOf('loss', 'weight'), state, fixed, { numeric: host });
  expect(state.weight).not.toBe(old);
  expect(held).toEqual(new Set([fixed.encoder, state.weight]));
});
