import type { Engine, EngineTensors, HostTensor, Program } from '../../src/ml/engine/engine.js';
import { initialOptimizerState } from '../../src/ml/model/adamw.js';
import { forwardProgram, trainProgram, trainableShapes } from '../../src/ml/model/programs.js';
import type { ModelSpec } from '../../src/ml/model/spec.js';
import type { HostWeights } from '../../src/ml/model/weights.js';
import { disposeAll, uploadAll, withUploaded } from '../../src/ml/scoring/resident-weights.js';

export type Task = 'training' | 'scoring';

/** The same model, task and batches as the other side has. */
interface Work {
  readonly task: Task;
  readonly spec: ModelSpec;
  readonly weights: HostWeights;
  readonly batch: number;
  readonly length: number;
  readonly batches: readonly Record<string, HostTensor>[];
}

/** Runs batch after batch as the product does: upload, compute, read the loss or the expected values. */
export class OurSide {
  private done = 0;

  private constructor(
    private readonly engine: Engine,
    private readonly program: Program,
    private readonly state: EngineTensors,
    private readonly batches: Work['batches'],
  ) {}

  static async create(engine: Engine, { task, spec, weights, batch, length, batches }: Work): Promise<OurSide> {
    const optimizer = {
      learningRate: 1e-4,
      encoderShare: 1,
      weightDecay: 0.01,
      warmupSteps: 0,
      totalSteps: 1e9,
      schedule: 'cosine',
      clipNorm: 1,
    } as const;
    const isTraining = task === 'training';
    const { fn, inputs } = isTraining
      ? trainProgram(spec, { batch, length }, optimizer)
      : forwardProgram(spec, { batch, length });
    const state = isTraining ? { ...weights, ...initialOptimizerState(trainableShapes(spec)) } : weights;
    return new OurSide(engine, await engine.compile(fn, inputs), uploadAll(engine, state), batches);
  }

  /** The first number of each batch's answer: its loss, or its first customer's expected value. */
  async run(repeats: number): Promise<number[]> {
    const numbers: number[] = [];
    for (let i = 0; i < repeats; i++) numbers.push(await this.next());
    return numbers;
  }

  async dispose(): Promise<void> {
    await this.program.dispose();
    disposeAll(this.state);
  }

  private async next(): Promise<number> {
    const batch = this.batches[this.done++ % this.batches.length]!;
    const outputs = await withUploaded(this.engine, batch, (given) => this.program.run({ ...this.state, ...given }));
    const { loss, output, expectedValue, ...updated } = outputs;
    for (const [name, tensor] of Object.entries(updated)) {
      this.state[name]!.dispose();
      this.state[name] = tensor;
    }
    const answer = loss ?? expectedValue;
    const number = (await this.engine.read(answer!))[0]!;
    for (const tensor of [loss, output, expectedValue]) tensor?.dispose();
    return number;
  }
}
