import { parseSafetensors, writeSafetensors } from '../model/safetensors.js';
import type { HostWeights } from '../model/weights.js';
import type { EpochRecord, TrainingState } from './fine-tune.js';

const currentPrefix = 'current.';
const bestPrefix = 'best.';

/** A training state as one safetensors file. */
export function serialiseTrainingState(state: TrainingState): Buffer {
  const { history, current, best } = state;
  const metadata = {
    history: JSON.stringify(history),
    bestEpoch: String(best.epoch),
    bestLoss: String(best.validationLoss),
  };
  return writeSafetensors({ ...prefixed(currentPrefix, current), ...prefixed(bestPrefix, best.weights) }, metadata);
}

/** @throws ClvError CHECKPOINT_INVALID */
export function deserialiseTrainingState(bytes: Buffer): TrainingState {
  const file = parseSafetensors(bytes, 'The training checkpoint');
  const weights = (prefix: string): HostWeights =>
    Object.fromEntries(
      file.names
        .filter((name) => name.startsWith(prefix))
        .map((name) => [name.slice(prefix.length), file.tensor(name)]),
    );
  return {
    history: JSON.parse(file.metadata['history'] ?? '[]') as EpochRecord[],
    current: weights(currentPrefix),
    best: {
      epoch: Number(file.metadata['bestEpoch']),
      validationLoss: Number(file.metadata['bestLoss']),
      weights: weights(bestPrefix),
    },
  };
}

function prefixed(prefix: string, weights: HostWeights): HostWeights {
  return Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [prefix + name, tensor]));
}
