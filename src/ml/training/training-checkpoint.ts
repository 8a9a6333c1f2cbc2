import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { HostTensor } from '../engine/engine.js';
import { parseSafetensors, writeSafetensors } from '../model/safetensors.js';
import type { ModelSpec } from '../model/spec.js';
import { type HostWeights, numbersHeadShapes, trainableWeights, wordEffectsTable } from '../model/weights.js';
import type { TokenizerFiles } from '../text/tokenizer.js';
import type { EpochRecord, TrainingState } from './fine-tune.js';

const currentPrefix = 'current.';
const bestPrefix = 'best.';
const lossesName = 'losses';

/**
 * It says whose the rows of the word tables are. The shop's own words stand in it in the order of how many customers have
 * them, which an erasure or another name of a product changes.
 */
const vocabularyOf = ({ tokenizer }: TokenizerFiles): string => createHash('sha256').update(tokenizer).digest('hex');

/**
 * A training state as one safetensors file, without the weights that training leaves as they were.
 * @param tokenizer that it is trained with
 */
export function serialiseTrainingState(state: TrainingState, spec: ModelSpec, tokenizer: TokenizerFiles): Buffer {
  const { history, current, best } = state;
  const metadata = {
    history: JSON.stringify(history),
    bestEpoch: String(best.epoch),
    vocabulary: vocabularyOf(tokenizer),
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
 * @returns null where it is of another vocabulary, or of another version, whose model has other shapes: training must
 *   begin anew
 * @throws ClvError CHECKPOINT_INVALID
 */
export function deserialiseTrainingState(
  bytes: Buffer,
  initialWeights: HostWeights,
  tokenizer: TokenizerFiles,
): TrainingState | null {
  const file = parseSafetensors(bytes, 'The training checkpoint');
  if (file.metadata['vocabulary'] !== vocabularyOf(tokenizer)) return null;
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
