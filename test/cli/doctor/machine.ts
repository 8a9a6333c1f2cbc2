import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Machine } from '../../../src/ml/engine/gpu.js';

/** A Linux machine in a folder: only the files that a test puts there exist on it. */
export class FolderMachine implements Machine, Disposable {
  readonly platform = 'linux';
  readonly root = mkdtempSync(join(tmpdir(), 'clvgraph-machine-'));
  readonly env: Record<string, string | undefined> = {};

  /** @returns the file's path outside */
  file(path: string, content = ''): string {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}
