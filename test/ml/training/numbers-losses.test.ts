import { describe, expect, it } from 'vitest';
import type { Engine, EngineTensor, TensorSpec } from '../../../src/ml/engine/engine.js';
import type { LabelledExample } from '../../../src/ml/scoring/example.js';
import { NumbersLosses } from '../../../src/ml/training/numbers-losses.js';
import { smallModel } from '../../support/small-encoder.js';

/** An engine that computes nothing and cannot be read, with the tensors that it holds. */
function unreadableEngine(): { engine: Engine; held: Set<EngineTensor> } {
  const held = new Set<EngineTensor>();
  const hold = ({ shape, dtype }: TensorSpec): EngineTensor => {
    const tensor = { shape, dtype, dispose: () => void held.delete(tensor) };
    held.add(tensor);
    return tensor;
  };
  const engine: Engine = {
    name: 'onnx',
    device: 'cpu',
    description: 'unreadable',
    quantises: false,
    comfortableBytes: Infinity,
    compile: async () => ({
      run: async () => ({ losses: hold({ shape: [1], dtype: 'float32' }) }),
      dispose: async () => undefined,
    }),
    upload: hold,
    read: () => Promise.reject(new Error('the device is lost')),
    dispose: async () => undefined,
  };
  return { engine, held };
}

describe('NumbersLosses', () => {
  it('holds nothing in the engine after a failure to read what a batch loses', async () => {
    const { engine, held } = unreadableEngine();
    const losses = await NumbersLosses.create(engine, smallModel);
    const example: LabelledExample = {
      tokenIds: new Int32Array(),
      tokenGroups: new Uint8Array(),
      numeric: new Float32Array(smallModel.numericFeatures.length),
      prior: [0, 0],
      value: 1,
    };
    await expect(losses.of({}, [example])).rejects.toThrow('the device is lost');
    expect(held.size).toBe(0);
  });
});
