import type { Engine, EngineTensors, HostTensor } from '../engine/engine.js';
import { optimizerShapes, zeros } from '../model/adamw.js';
import { trainableShapes, type TrainingShape } from '../model/programs.js';
import type { ModelSpec } from '../model/spec.js';
import type { HostWeights } from '../model/weights.js';
import type { ProgramCache } from '../scoring/program-cache.js';
import { disposeAll, readAll, withUploaded } from '../scoring/resident-weights.js';
import { WordTable } from './word-table.js';

/** Weights and optimizer state between the steps of a training. They are kept in the engine, except for a large word table. */
export class TrainingWeights {
  private readonly words: WordTable | undefined;
  private readonly resident: EngineTensors = {};

  /**
   * @param state every weight of `modelShapes(spec)`, and as much of the state of `optimizerShapes` as there is: the rest starts at 0.
   *   It is copied.
   */
  constructor(
    private readonly engine: Engine,
    spec: ModelSpec,
    state: HostWeights,
  ) {
    this.words = WordTable.of(spec, state);
    // One by one, so that not all zeros are in Node's memory at the same time.
    const beginning = Object.entries(optimizerShapes(trainableShapes(spec))).filter(([name]) => !(name in state));
    for (const [name, shape] of beginning) this.keep(name, () => zeros(shape));
    for (const [name, tensor] of Object.entries(state)) this.keep(name, () => tensor);
  }

  /**
   * One step.
   * @param programs of `trainProgram(spec, ...)`
   * @param batch as `batchTensors` makes it, with `value` [B] and `weight` [B]
   * @returns the loss
   */
  async step(programs: ProgramCache<TrainingShape>, batch: Record<string, HostTensor>): Promise<number> {
    const [rows = 0, length = 0] = batch['tokenIds']!.shape;
    const words = this.words?.rowsOf(batch['tokenIds']!);
    const program = await programs.get({ batch: rows, length, words: words?.count });
    const { loss, ...updated } = await withUploaded(this.engine, { ...batch, ...words?.tensors }, (uploaded) =>
      program.run({ ...this.resident, ...uploaded }),
    );
    if (words) await this.takeBack(words.ids, updated);
    for (const [name, tensor] of Object.entries(updated)) {
      this.resident[name]?.dispose();
      this.resident[name] = tensor;
    }
    const value = (await this.engine.read(loss!))[0]!;
    loss!.dispose();
    return value;
  }

  /** A copy of everything. */
  async read(): Promise<HostWeights> {
    const words = Object.entries(this.words?.all ?? {}).map(([name, table]) => {
      return [name, { ...table, data: table.data.slice() }] as const;
    });
    return { ...(await readAll(this.engine, this.resident)), ...Object.fromEntries(words) };
  }

  /** Hands `use` the weights that a prediction reads, in the engine; they must not be used afterwards. */
  use<T>(use: (weights: EngineTensors) => Promise<T>): Promise<T> {
    return withUploaded(this.engine, this.words?.weights ?? {}, (words) => use({ ...this.resident, ...words }));
  }

  dispose(): void {
    disposeAll(this.resident);
  }

  private keep(name: string, tensor: () => HostTensor): void {
    if (!this.words || !(name in this.words.all)) this.resident[name] = this.engine.upload(tensor());
  }

  /** Moves the changed rows from a step's outputs into the table. */
  private async takeBack(ids: readonly number[], updated: EngineTensors): Promise<void> {
    const rows: Record<string, Float32Array | Int32Array> = {};
    for (const name of Object.keys(this.words!.all)) {
      const tensor = updated[name]!;
      rows[name] = await this.engine.read(tensor);
      tensor.dispose();
      delete updated[name];
    }
    this.words!.put(ids, rows);
  }
}
