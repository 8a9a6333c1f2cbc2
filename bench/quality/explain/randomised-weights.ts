import type { DataSource } from 'typeorm';
import { IntegratedGradients } from '../../../src/ml/explain/integrated-gradients.js';
import { deserialiseModel } from '../../../src/ml/model/serialise.js';
import type { HostWeights } from '../../../src/ml/model/weights.js';
import { Random } from '../../../src/random.js';
import type { LoadedModel, ModelLoader } from '../../../src/services/models/loaded-model.js';
import { loadArtifact } from '../../../src/services/models/model-artifacts.service.js';

/** From the output down, as Adebayo et al. 2018 randomise: each stage includes the ones before. */
export const randomisedParts = ['head', 'head and upper half of the encoder', 'everything'] as const;
export type RandomisedPart = (typeof randomisedParts)[number];

/** Explains with `model`, its weights put into a random order within each tensor of the part, and frees what that took. */
export async function withRandomisedWeights<T>(
  { database, models }: { database: DataSource; models: ModelLoader },
  model: LoadedModel,
  part: RandomisedPart,
  use: (randomised: LoadedModel) => Promise<T>,
): Promise<T> {
  const bytes = await loadArtifact(database.manager, model.version.id, 'MODEL');
  const { spec, weights } = deserialiseModel(bytes!, `Model ${model.version.id}`);
  const randomised = randomise(weights, part, spec.encoder.layers);
  const attributor = new IntegratedGradients(
    await models.getEngine(),
    { spec, weights: randomised },
    model.tokenizer.special,
  );
  try {
    return await use({ ...model, attributor: () => attributor });
  } finally {
    await attributor.dispose();
  }
}

/** Values keep their distribution, so that the model keeps its scale; what they had learnt is gone. */
export function randomise(weights: HostWeights, part: RandomisedPart, layers: number): HostWeights {
  return Object.fromEntries(
    Object.entries(weights).map(([name, tensor]) => {
      if (!isIn(part, name, layers)) return [name, tensor];
      const data = new Random(`randomised/${name}`).shuffle(Float32Array.from(tensor.data));
      return [name, { ...tensor, data }];
    }),
  );
}

function isIn(part: RandomisedPart, name: string, layers: number): boolean {
  if (part === 'everything' || name.startsWith('head.')) return true;
  const layer = /^encoder\.layer\.(\d+)\./.exec(name)?.[1];
  return part === 'head and upper half of the encoder' && layer !== undefined && Number(layer) >= layers / 2;
}
