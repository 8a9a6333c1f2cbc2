import type { Engine, Program } from '../engine/engine.js';
import type { BatchShape, ProgramDefinition } from '../model/programs.js';

/** Compiles each (batch, length) once; concurrent callers share the compilation. */
export class ProgramCache {
  private readonly programs = new Map<string, Promise<Program>>();

  constructor(
    private readonly engine: Engine,
    private readonly define: (shape: BatchShape) => ProgramDefinition,
  ) {}

  get(shape: BatchShape): Promise<Program> {
    const key = `${shape.batch}x${shape.length}`;
    let program = this.programs.get(key);
    if (!program) {
      const { fn, inputs } = this.define(shape);
      program = this.engine.compile(fn, inputs);
      this.programs.set(key, program);
      program.catch(() => this.programs.delete(key));
    }
    return program;
  }

  async dispose(): Promise<void> {
    const compiled = await Promise.allSettled(this.programs.values());
    this.programs.clear();
    for (const result of compiled) if (result.status === 'fulfilled') await result.value.dispose();
  }
}
