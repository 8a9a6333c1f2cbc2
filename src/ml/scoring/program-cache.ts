import type { CompileOptions, Engine, Program } from '../engine/engine.js';
import type { BatchShape, ProgramDefinition } from '../model/programs.js';

/** Compiles each shape once; concurrent callers share the compilation. */
export class ProgramCache<Shape extends BatchShape = BatchShape> {
  private readonly programs = new Map<string, Promise<Program>>();

  constructor(
    private readonly engine: Engine,
    private readonly define: (shape: Shape) => ProgramDefinition,
    private readonly options: CompileOptions = {},
  ) {}

  get(shape: Shape): Promise<Program> {
    const key = Object.values(shape).join('x');
    let program = this.programs.get(key);
    if (!program) {
      const { fn, inputs } = this.define(shape);
      program = this.engine.compile(fn, inputs, this.options);
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
