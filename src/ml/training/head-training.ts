import type { Engine, EngineTensors, HostTensor, Program } from '../engine/engine.js';
import type { OptimizerSettings } from '../model/adamw.js';
import { withUploaded } from '../scoring/resident-weights.js';

/** Common to the trainings of the head's parts, whose steps cost next to nothing without the encoder. */
export const headBatchSize = 256;

/** A cosine schedule; the first tenth of the steps is the warm-up. */
export function headOptimizer(
  totalSteps: number,
  { learningRate, weightDecay }: Pick<OptimizerSettings, 'learningRate' | 'weightDecay'>,
): OptimizerSettings {
  const warmupSteps = Math.ceil(totalSteps * 0.1);
  return { learningRate, encoderShare: 1, weightDecay, warmupSteps, totalSteps, schedule: 'cosine', clipNorm: 1 };
}

/**
 * One step of a program like `trainProgram`.
 * @param state weights and optimizer state, replaced by the step's
 * @param fixed weights that it reads and leaves as they are
 */
export async function headStep(
  engine: Engine,
  step: Program,
  state: EngineTensors,
  fixed: EngineTensors,
  batch: Record<string, HostTensor>,
): Promise<void> {
  const { loss, ...updated } = await withUploaded(engine, batch, (inputs) =>
    step.run({ ...fixed, ...state, ...inputs }),
  );
  loss!.dispose();
  for (const name of Object.keys(updated)) state[name]?.dispose();
  Object.assign(state, updated);
}
