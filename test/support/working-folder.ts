import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';

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

/** One of its own for each test of the block that calls this. It is there from the first hook or test on, not before. */
export function useWorkingFolder(): Pick<WorkingFolder, 'path'> {
  let home: WorkingFolder;
  beforeEach(async () => void (home = await WorkingFolder.enter()));
  afterEach(() => home[Symbol.asyncDispose]());
  return {
    get path() {
      return home.path;
    },
  };
}
