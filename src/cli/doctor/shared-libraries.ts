import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from '../../ml/engine/gpu.js';

const defaultFolders = ['lib', 'usr/lib', 'lib64', 'usr/lib64', 'usr/local/lib'];
const multiarch = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }[process.arch as string];
/** Folders where CUDA is usually installed, although the loader may not look there. */
const cudaFolders = ['usr/local/cuda/lib64', 'usr/local/cuda/targets/x86_64-linux/lib', 'opt/cuda/lib64'];

interface FoundLibrary {
  readonly file: string;
  /** Whether the dynamic loader looks there. */
  readonly isOnPath: boolean;
}

/** A shared library as Linux's dynamic loader would find it, or where CUDA usually puts it. */
export function findLibrary(name: string, machine: Machine): FoundLibrary | undefined {
  const onPath = firstWith(name, searchedFolders(machine));
  if (onPath !== undefined) return { file: onPath, isOnPath: true };
  const elsewhere = firstWith(
    name,
    cudaFolders.map((folder) => join(machine.root, folder)),
  );
  return elsewhere === undefined ? undefined : { file: elsewhere, isOnPath: false };
}

function firstWith(name: string, folders: readonly string[]): string | undefined {
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}

function searchedFolders({ root, env }: Machine): string[] {
  const fromEnvironment = (env['LD_LIBRARY_PATH'] ?? '').split(':').filter((folder) => folder !== '');
  const standard = [
    ...(multiarch === undefined ? [] : [`lib/${multiarch}`, `usr/lib/${multiarch}`]),
    ...defaultFolders,
  ];
  return [...fromEnvironment, ...configured(root), ...standard.map((folder) => join(root, folder))];
}

/** The folders that files in `/etc/ld.so.conf.d` name, as those of CUDA's packages do. */
function configured(root: string): string[] {
  const folder = join(root, 'etc/ld.so.conf.d');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.conf'))
    .sort()
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'))
    .map((line) => line.trim())
    .filter((line) => line.startsWith('/'))
    .map((line) => join(root, line));
}
