import { slicesOf } from '../../slices.js';
import type { Engine, EngineTensors, Program } from '../engine/engine.js';
import { numbersEvaluationProgram } from '../model/number-programs.js';
import type { ModelSpec } from '../model/spec.js';
import { columnTensor, numberTensors } from '../scoring/batches.js';
import type { LabelledExample } from '../scoring/example.js';
import { withOutputs } from '../scoring/resident-weights.js';
import { headBatchSize } from './head-training.js';

/** Losses, on labelled rows, of the part of the head that reads numbers alone. */
export class NumbersLosses {
  private constructor(
    private readonly engine: Engine,
    private readonly spec: ModelSpec,
    private readonly program: Program,
  ) {}

  static async create(engine: Engine, spec: ModelSpec): Promise<NumbersLosses> {
    const { fn, inputs } = numbersEvaluationProgram(spec, headBatchSize);
    return new NumbersLosses(engine, spec, await engine.compile(fn, inputs));
  }

  /**
   * The loss of each example, in their order.
   * @param weights those of `numbersHeadShapes(spec)`; others are ignored
   */
  async of(weights: EngineTensors, examples: readonly LabelledExample[]): Promise<number[]> {
    const all: number[] = [];
    for (const rows of slicesOf(examples, headBatchSize)) {
      const values = rows.map((row) => row.value);
      const batch = {
        ...numberTensors(rows, { batch: headBatchSize, features: this.spec.numericFeatures.length }),
        value: columnTensor(values, headBatchSize),
      };
      const losses = await withOutputs(this.engine, this.program, weights, batch, (outputs) =>
        this.engine.read(outputs['losses']!),
      );
      all.push(...losses.slice(0, rows.length));
    }
    return all;
  }

  dispose(): Promise<void> {
    return this.program.dispose();
  }
}
