import { expect, it, vi } from 'vitest';
import type { Engine } from '../../../src/ml/engine/engine.js';
import { initialiseEncoder, initialiseModel } from '../../../src/ml/model/weights.js';
import { tokenGroupNames, type TrainingExample } from '../../../src/ml/scoring/example.js';
import { trainOnNumbers } from '../../../src/ml/training/numbers-first.js';
import { trainWordEffects } from '../../../src/ml/training/words-second.js';
import { smallModel } from '../../support/small-encoder.js';
import { idleEngine } from './idle-engine.js';

const customer: TrainingExample = {
  tokenIds: Int32Array.of(1, 10, 2),
  tokenGroups: Uint8Array.of(0, tokenGroupNames.indexOf('categories'), 0),
  numeric: new Float32Array(smallModel.numericFeatures.length),
  prior: [0, 0],
  value: 1,
  weight: 1,
};
const input = {
  spec: smallModel,
  weights: initialiseModel(smallModel, initialiseEncoder(smallModel.encoder, 1), 1),
  training: [customer],
  validation: [customer],
  signal: undefined,
  onProgress: async () => {},
};
const full = 'the device is full';

it('nothing stays in the engine where the program of the words cannot be compiled', async () => {
  const { engine, held } = idleEngine();
  const failing: Engine = { ...engine, compile: () => Promise.reject(new Error(full)) };
  await expect(trainWordEffects(failing, { ...input, pad: 0, seed: 1 })).rejects.toThrow(full);
  expect(held.size).toBe(0);
});

it('the program of the numbers does not stay where that of their losses cannot be compiled', async () => {
  const { engine, programOf } = idleEngine();
  const program = programOf();
  const freed = vi.spyOn(program, 'dispose');
  const compile = vi.fn<Engine['compile']>().mockResolvedValueOnce(program).mockRejectedValueOnce(new Error(full));
  const settings = { weightDecay: 0, seed: 1 };
  await expect(trainOnNumbers({ ...engine, compile }, { ...input, settings })).rejects.toThrow(full);
  expect(freed).toHaveBeenCalledTimes(1);
});
