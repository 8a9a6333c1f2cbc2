import type { Engine, EngineTensors, HostTensor, Program } from '../engine/engine.js';
import type { HostWeights } from '../model/weights.js';

/** Uploads every weight. The caller owns the result: see `disposeAll`. */
export function uploadAll(engine: Engine, weights: Record<string, HostTensor>): EngineTensors {
  return Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, engine.upload(tensor)]));
}

export async function readAll(engine: Engine, tensors: EngineTensors): Promise<HostWeights> {
  const entries = await Promise.all(
    Object.entries(tensors).map(async ([name, tensor]) => {
      const data = await engine.read(tensor);
      return [name, { shape: [...tensor.shape], dtype: tensor.dtype, data }] as const;
    }),
  );
  return Object.fromEntries(entries);
}

export function disposeAll(tensors: EngineTensors): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

/** Uploads, hands to `use`, and frees, whatever happens. */
export async function withUploaded<T>(
  engine: Engine,
  tensors: Record<string, HostTensor>,
  use: (uploaded: EngineTensors) => Promise<T>,
): Promise<T> {
  const uploaded = uploadAll(engine, tensors);
  try {
    return await use(uploaded);
  } finally {
    disposeAll(uploaded);
  }
}

/**
 * Runs the program once, hands its outputs to `use`, and frees them, whatever happens.
 * @param resident inputs that are in the engine already, and stay there
 * @param batch the others, uploaded for this run
 */
export async function withOutputs<T>(
  engine: Engine,
  program: Program,
  resident: EngineTensors,
  batch: Record<string, HostTensor>,
  use: (outputs: EngineTensors) => Promise<T>,
): Promise<T> {
  const outputs = await withUploaded(engine, batch, (uploaded) => program.run({ ...resident, ...uploaded }));
  try {
    return await use(outputs);
  } finally {
    disposeAll(outputs);
  }
}
