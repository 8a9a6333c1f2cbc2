import { loadCheckpoint } from '../../src/ml/model/checkpoint.js';
import { createEngine } from '../../src/ml/engine/create-engine.js';
import type { Device } from '../../src/ml/engine/engine.js';
import { type Placement, placements } from '../../src/ml/engine/engine-events.js';
import type { EncoderSpec } from '../../src/ml/model/spec.js';
import { type Parity, parityOf } from './parity.js';

/** What a check of one device prints, as one line of JSON. */
export interface Check {
  readonly description: string;
  readonly sizes: readonly { readonly size: string; readonly parity: Parity }[];
  readonly placements: readonly Placement[];
}

/** Few numbers, and many operators of different shapes. */
const tiny: EncoderSpec = {
  modelType: 'bert',
  vocabSize: 40,
  hiddenSize: 8,
  layers: 2,
  heads: 2,
  intermediateSize: 12,
  maxPositions: 16,
  positionOffset: 0,
  typeVocabSize: 2,
  layerNormEps: 1e-12,
  activation: 'gelu',
  padTokenId: 0,
};

/** A process of its own, for its environment: parity of a device with the CPU. Argument: the device. */
const engine = await createEngine({ engine: 'onnx', device: process.argv[2] as Device });
const reference = await createEngine({ engine: 'onnx', device: 'cpu' });
const seen: Placement[] = [];
placements.subscribe((message) => void seen.push(message as Placement));
const sizes = [];
for (const [size, encoder, batch, length] of [
  ['2 layers, hidden 8', tiny, 4, 6],
  ['built-in base', (await loadCheckpoint('models/base')).spec, 8, 32],
] as const) {
  const spec = { encoder, numericFeatures: ['recency', 'frequency', 'spend'], objective: 'ZILN', loraRank: 2 } as const;
  sizes.push({
    size,
    parity: await parityOf(engine, reference, { spec: { ...spec, strategy: 'FULL' }, batch, length }),
  });
}
console.log(JSON.stringify({ description: engine.description, sizes, placements: seen } satisfies Check));
await engine.dispose();
await reference.dispose();
