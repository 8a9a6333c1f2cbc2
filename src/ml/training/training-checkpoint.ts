import { createHash } from 'node:crypto';
import type { HostTensor } from '../engine/engine.js';
import { sameShape } from '../engine/shapes.js';
import { parseSafetensors, writeSafetensors } from '../model/safetensors.js';
import type { ModelSpec } from '../model/spec.js';
import { type HostWeights, numbersHeadShapes, trainableWeights, wordEffectsTable } from '../model/weights.js';
import type { TokenizerFiles } from '../text/tokenizer.js';
import type { EpochRecord, TrainingState } from './fine-tune.js';

const currentPrefix = 'current.';
const bestPrefix = 'best.';
const lossesName = 'losses';

/** The inputs of a training that its checkpoints depend on. */
interface TrainingStart {
  readonly spec: ModelSpec;
  readonly tokenizer: TokenizerFiles;
  readonly initialWeights: HostWeights;
}

function trainedBy(spec: ModelSpec): ReadonlySet<string> {
  return new Set([...trainableWeights(spec), ...Object.keys(numbersHeadShapes(spec)), wordEffectsTable]);
}

/**
 * A hash of what must be the same for a checkpoint to be resumed. The tokenizer, because it says which word each row of the word table
 * belongs to: the shop's own words are in it by the number of customers who have them, which an erasure or a renamed product changes.
 * And the weights that training leaves as they are, because what is learnt fits only these, and the base may have been replaced.
 */
function originOf({ spec, tokenizer, initialWeights }: TrainingStart): string {
  const trained = trainedBy(spec);
  const hash = createHash('sha256').update(tokenizer.tokenizer);
  for (const [name, { data }] of Object.entries(initialWeights)) if (!trained.has(name)) hash.update(name).update(data);
  return hash.digest('hex');
}

/** A training state as one safetensors file, without the weights that training leaves as they were. */
export function serialiseTrainingState(state: TrainingState, start: TrainingStart): Buffer {
  const { history, current, best } = state;
  const metadata = {
    history: JSON.stringify(history),
    bestEpoch: String(best.epoch),
    origin: originOf(start),
  };
  const trained = trainedBy(start.spec);
  const changing = (weights: HostWeights): HostWeights =>
    Object.fromEntries(Object.entries(weights).filter(([name]) => trained.has(name) || name.startsWith('adam.')));
  const losses: HostTensor = { shape: [best.losses.length], dtype: 'float32', data: best.losses };
  const weights = { ...prefixed(currentPrefix, changing(current)), ...prefixed(bestPrefix, changing(best.weights)) };
  return writeSafetensors({ ...weights, [lossesName]: losses }, metadata);
}

/**
 * @param start has the weights that training leaves as they were
 * @returns null where it is of another vocabulary or base, or of another version, whose model has other shapes: training must then start
 *   from the beginning
 * @throws ClvError CHECKPOINT_INVALID
 */
export function deserialiseTrainingState(bytes: Buffer, start: TrainingStart): TrainingState | null {
  const { initialWeights } = start;
  const file = parseSafetensors(bytes, 'The training checkpoint');
  if (file.metadata['origin'] !== originOf(start)) return null;
  const fits = Object.entries(initialWeights).every(([name, { shape }]) => {
    const kept = bestPrefix + name;
    return !file.has(kept) || sameShape(file.shape(kept), shape);
  });
  if (!fits || !file.has(lossesName)) return null;
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
