import { describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/ml/engine/create-engine.js';
import { initialiseEncoder, initialiseModel } from '../../../src/ml/model/weights.js';
import type { LabelledExample } from '../../../src/ml/scoring/example.js';
import { headBatchSize } from '../../../src/ml/training/head-training.js';
import { withUploaded } from '../../../src/ml/scoring/resident-weights.js';
import { NumbersLosses } from '../../../src/ml/training/numbers-losses.js';
import { smallModel } from '../../support/small-encoder.js';
import { idleEngine } from './idle-engine.js';

const example: LabelledExample = {
  tokenIds: new Int32Array(),
  tokenGroups: new Uint8Array(),
  numeric: new Float32Array(smallModel.numericFeatures.length),
  prior: [0, 0],
  value: 1,
};

describe('NumbersLosses', () => {
  it('gives one an example, in their order, whatever batch it came in', async () => {
    const engine = await createEngine({ engine: 'onnx', device: 'cpu', threads: 1 });
    const losses = await NumbersLosses.create(engine, smallModel);
    const weights = initialiseModel(smallModel, initialiseEncoder(smallModel.encoder, 1), 1);
    const examples = Array.from({ length: headBatchSize + 44 }, (_, i) => ({ ...example, value: i % 7 }));
    try {
      await withUploaded(engine, weights, async (tensors) => {
        const alone = await Promise.all(examples.slice(0, 7).map((each) => losses.of(tensors, [each])));
        expect(new Set(alone.flat()).size).toBe(7);
        expect(await losses.of(tensors, examples)).toEqual(examples.map((_, i) => alone[i % 7]![0]));
      });
    } finally {
      await losses.dispose();
      await engine.dispose();
    }
  });

  it('holds nothing in the engine after a failure to read what a batch loses', async () => {
    const { engine, held } = idleEngine();
    const losses = await NumbersLosses.create(engine, smallModel);
    await expect(losses.of({}, [example])).rejects.toThrow('the device is lost');
    expect(held.size).toBe(0);
  });
});
