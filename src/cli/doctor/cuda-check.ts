import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Machine } from '../../ml/engine/gpu.js';
import { cudaProviderFiles } from '../../ml/engine/onnx/cuda-provider.js';
import { checkDevice } from './engine-check.js';
import { type Finding, missing, ok, warn } from './finding.js';
import { neededLibraries } from './needed-libraries.js';
import { findLibrary } from './shared-libraries.js';

/** For each major version of CUDA, that of the oldest driver that it works with by minor version compatibility. */
const oldestDrivers: Record<string, number> = { 12: 525, 13: 580 };
/** The libraries that ONNX Runtime's provider of CUDA 12 links to. An installed provider says itself what it needs. */
const ofCuda12 = ['libcuda.so.1', 'libcudart.so.12', 'libcublas.so.12', 'libcublasLt.so.12', 'libcurand.so.10'];
/** The provider loads it at its first use, so that no file lists it. */
const cudnn = 'libcudnn.so.9';

/** Checks what CUDA needs, from the driver up. How to install it is in docs/gpu.md. */
export async function checkCuda(machine: Machine, providerFiles = cudaProviderFiles()): Promise<Finding[]> {
  if (machine.platform !== 'linux' || process.arch !== 'x64') {
    return [warn('CUDA', `not for ${machine.platform} ${process.arch}`, 'Use WebGPU, or Linux on x64.')];
  }
  const libraries = librariesOf(providerFiles);
  const findings = [
    checkDriver(machine, majorOf(libraries)),
    checkLibraries(machine, libraries),
    checkProvider(providerFiles),
  ];
  if (findings.some(({ status }) => status !== 'OK')) return findings;
  return [
    ...findings,
    await checkDevice('CUDA', { engine: 'onnx', device: 'cuda' }, 'docs/gpu.md says which versions fit together.'),
  ];
}

function checkDriver({ root }: Machine, cuda: string): Finding {
  const name = 'NVIDIA driver';
  const file = join(root, 'proc/driver/nvidia/version');
  const oldest = oldestDrivers[cuda];
  const remedy = `Needed for CUDA only: install NVIDIA's driver${oldest === undefined ? '' : `, version ${oldest} or newer`}.`;
  if (!existsSync(file)) return missing(name, 'not loaded', remedy);
  const version = /Kernel Module.*?\s(\d+)(\.[\d.]+)/.exec(readFileSync(file, 'utf8'));
  if (version === null) return warn(name, 'of unknown version', remedy);
  const found = `${version[1]}${version[2]}`;
  const isOld = oldest !== undefined && Number(version[1]) < oldest;
  return isOld ? missing(name, `${found}, too old for CUDA ${cuda}`, remedy) : ok(name, found);
}

/** The major version of CUDA, from the names of its libraries. */
function majorOf(libraries: readonly string[]): string {
  return (
    libraries.map((library) => /^libcudart\.so\.(\d+)$/.exec(library)?.[1]).find((major) => major !== undefined) ?? ''
  );
}

function checkLibraries(machine: Machine, libraries: readonly string[]): Finding {
  const name = 'CUDA libraries';
  const found = libraries.map((library) => ({ library, at: findLibrary(library, machine) }));
  const absent = found.filter(({ at }) => at === undefined);
  const off = found.filter(({ at }) => at?.isOnPath === false);
  if (absent.length > 0) {
    return missing(
      name,
      `not found: ${absent.map(({ library }) => library).join(', ')}`,
      'Needed for CUDA only: libcuda comes with the driver, libcudnn with cuDNN, the others with the CUDA toolkit of the ' +
        'major version that their names end in; docs/gpu.md names the packages.',
    );
  }
  if (off.length > 0) {
    return missing(
      name,
      `not on the library path: ${off.map(({ at }) => at!.file).join(', ')}`,
      'Add their folder to LD_LIBRARY_PATH, or to /etc/ld.so.conf.d and run ldconfig.',
    );
  }
  return ok(name, found.map(({ at }) => basename(realpathSync(at!.file))).join(', '));
}

function librariesOf(providerFiles: readonly string[]): string[] {
  const linked = providerFiles.filter((file) => existsSync(file)).flatMap((file) => neededLibraries(file));
  const ofNvidia = [...new Set(linked)].filter((library) => library.startsWith('libcu'));
  return [...(ofNvidia.length > 0 ? ofNvidia : ofCuda12), cudnn];
}

function checkProvider(files: readonly string[]): Finding {
  const name = "ONNX Runtime's CUDA provider";
  const absent = files.filter((file) => !existsSync(file));
  if (absent.length === 0) return ok(name, files.join(', '));
  return missing(
    name,
    `not installed: ${absent.map((file) => basename(file)).join(', ')}`,
    'Needed for CUDA only: ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install.js (needs a network).',
  );
}
