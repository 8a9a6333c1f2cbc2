import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder that this process works in until it is disposed of: what a benchmark writes lies beneath the working folder. */
export class WorkingFolder implements AsyncDisposable {
  private constructor(
    readonly path: string,
    private readonly before: string,
  ) {}

  static async enter(): Promise<WorkingFolder> {
    const before = process.cwd();
    const path = await mkdtemp(join(tmpdir(), 'clvgraph-test-'));
    process.chdir(path);
    return new WorkingFolder(path, before);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.chdir(this.before);
    await rm(this.path, { recursive: true });
  }
}
