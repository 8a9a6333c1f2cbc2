import { isDeepStrictEqual } from 'node:util';
import type { HostTensor } from '../engine/engine.js';
import { parseSafetensors, writeSafetensors } from '../model/safetensors.js';
import type { ModelSpec } from '../model/spec.js';
import { type HostWeights, numbersHeadShapes, trainableWeights, wordEffectsTable } from '../model/weights.js';
import type { EpochRecord, TrainingState } from './fine-tune.js';

const currentPrefix = 'current.';
const bestPrefix = 'best.';
const lossesName = 'losses';

/** A training state as one safetensors file, without the weights that training leaves as they were. */
export function serialiseTrainingState(state: TrainingState, spec: ModelSpec): Buffer {
  const { history, current, best } = state;
  const metadata = {
    history: JSON.stringify(history),
    bestEpoch: String(best.epoch),
  };
  const trained = new Set([...trainableWeights(spec), ...Object.keys(numbersHeadShapes(spec)), wordEffectsTable]);
  const changing = (weights: HostWeights): HostWeights =>
    Object.fromEntries(Object.entries(weights).filter(([name]) => trained.has(name) || name.startsWith('adam.')));
  const losses: HostTensor = { shape: [best.losses.length], dtype: 'float32', data: best.losses };
  const weights = { ...prefixed(currentPrefix, changing(current)), ...prefixed(bestPrefix, changing(best.weights)) };
  return writeSafetensors({ ...weights, [lossesName]: losses }, metadata);
}

/**
 * @param initialWeights what training began with: the weights that it leaves as they were are taken from here
 * @returns null where it is of another version, whose model has other shapes: training must begin anew
 * @throws ClvError CHECKPOINT_INVALID
 */
export function deserialiseTrainingState(bytes: Buffer, initialWeights: HostWeights): TrainingState | null {
  const file = parseSafetensors(bytes, 'The training checkpoint');
  const fits = Object.entries(initialWeights).every(([name, { shape }]) => {
    const kept = bestPrefix + name;
    return !file.names.includes(kept) || isDeepStrictEqual(file.tensor(kept).shape, shape);
  });
  if (!fits || !file.names.includes(lossesName)) return null;
  const weights = (prefix: string): HostWeights => ({
    ...initialWeights,
    ...Object.fromEntries(
      file.names
        .filter((name) => name.startsWith(prefix))
        .map((name) => [name.slice(prefix.length), file.tensor(name)]),
    ),
  });
  return {
    history: JSON.parse(file.metadata['history'] ?? '[]') as EpochRecord[],
    current: weights(currentPrefix),
    best: {
      epoch: Number(file.metadata['bestEpoch']),
      losses: Float32Array.from(file.tensor(lossesName).data),
      weights: weights(bestPrefix),
    },
  };
}

function prefixed(prefix: string, weights: HostWeights): HostWeights {
  return Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [prefix + name, tensor]));
}
