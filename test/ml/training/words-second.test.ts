import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/ml/engine/create-engine.js';
import type { Engine } from '../../../src/ml/engine/engine.js';
import type { ModelSpec, Objective } from '../../../src/ml/model/spec.js';
import { initialiseEncoder, initialiseModel } from '../../../src/ml/model/weights.js';
import { tokenGroupNames, type TrainingExample } from '../../../src/ml/scoring/example.js';
import { effectsOn } from '../../../src/ml/scoring/word-effects.js';
import { trainWordEffects } from '../../../src/ml/training/words-second.js';
import { Random } from '../../../src/random.js';
import { smallModel } from '../../support/small-encoder.js';

const specOf = (objective: Objective): ModelSpec => ({
  ...smallModel,
  objective,
  ...(objective === 'CLASSIFICATION' && { classBounds: [0.01], classMeans: [0, 1] }),
});

const taste = tokenGroupNames.indexOf('categories');
const numbers = tokenGroupNames.indexOf('recency');

/** Word 10 or 11 says whether they buy, if `telling`; the others and the numbers say nothing. */
function customers(count: number, seed: string, telling = true): TrainingExample[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => {
    const buyer = random.uniform() < 0.5;
    const told = telling ? buyer : !buyer;
    return {
      tokenIds: Int32Array.of(1, told ? 10 : 11, 12 + random.integer(20), 2),
      tokenGroups: Uint8Array.of(0, taste, taste, 0),
      numeric: Float32Array.from({ length: 3 }, () => random.normal()),
      prior: [0, 0],
      value: buyer ? Math.exp(0.3 * random.normal()) : 0,
      weight: 1,
    };
  });
}

describe("words' effects on the prior", () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await createEngine({ engine: 'onnx', device: 'cpu', threads: 1 })));
  afterAll(() => engine.dispose());

  const learn = (objective: Objective, validation: TrainingExample[], training = customers(2_048, 'training')) => {
    const spec = specOf(objective);
    const weights = initialiseModel(spec, initialiseEncoder(spec.encoder, 1), 1);
    // A head that lets the prior through, as training would have made it.
    weights['head.prior.weight']?.data.set([-1, 0, 1, 0]);
    const rest = { pad: 0, seed: 1, signal: undefined, onProgress: async () => {} };
    return trainWordEffects(engine, { spec, weights, training, validation, ...rest });
  };

  it.each(['ZILN', 'MSE', 'CLASSIFICATION'] as const)('are learnt from the words that tell: %s', async (objective) => {
    const table = await learn(objective, customers(200, 'held out'));
    const on = (word: number) =>
      effectsOn(0, table!, { tokenIds: Int32Array.of(1, word, 2), tokenGroups: Uint8Array.of(0, taste, 0) });
    expect(on(10)[1]! - on(11)[1]!).toBeGreaterThan(0.5);
    expect([on(10)[0], on(10)[2]]).toEqual([0, 0]);
    const others = Array.from({ length: 20 }, (_, i) => Math.abs(on(12 + i)[1]!));
    expect(Math.max(...others)).toBeLessThan(Math.abs(on(10)[1]!));
  });

  it('are none where words only tell numbers', async () => {
    const told = customers(300, 'training').map((row) => ({
      ...row,
      tokenGroups: Uint8Array.of(0, numbers, numbers, 0),
    }));
    expect(await learn('ZILN', customers(50, 'held out'), told)).toBeNull();
  });

  it('are dropped where they make held-out customers worse', async () => {
    expect(await learn('ZILN', customers(200, 'held out', false))).toBeNull();
  });
});
