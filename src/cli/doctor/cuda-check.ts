import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Machine } from '../../ml/engine/gpu.js';
import { cudaProviderFiles } from '../../ml/engine/onnx/cuda-provider.js';
import { checkDevice } from './engine-check.js';
import { type Finding, missing, ok, warn } from './finding.js';
import { findLibrary } from './shared-libraries.js';

/** CUDA 12 by minor version compatibility. */
const oldestDriver = 525;
/** What ONNX Runtime's CUDA 12 provider links to, and the package that brings it. */
const libraries = [
  ['libcudart.so.12', 'CUDA 12 (cuda-cudart-12-x)'],
  ['libcublas.so.12', 'CUDA 12 (libcublas-12-x)'],
  ['libcublasLt.so.12', 'CUDA 12 (libcublas-12-x)'],
  ['libcufft.so.11', 'CUDA 12 (libcufft-12-x)'],
  ['libcurand.so.10', 'CUDA 12 (libcurand-12-x)'],
  ['libnvrtc.so.12', 'CUDA 12 (cuda-nvrtc-12-x)'],
  ['libcudnn.so.9', 'cuDNN 9 for CUDA 12 (cudnn9-cuda-12)'],
] as const;

/** What CUDA needs, from the driver up; docs/gpu.md tells how to install it. */
export async function checkCuda(machine: Machine, providerFiles = cudaProviderFiles()): Promise<Finding[]> {
  if (machine.platform !== 'linux' || process.arch !== 'x64') {
    return [warn('CUDA', `not for ${machine.platform} ${process.arch}`, 'Use WebGPU, or Linux on x64.')];
  }
  const findings = [checkDriver(machine), checkLibraries(machine), checkProvider(providerFiles)];
  if (findings.some(({ status }) => status !== 'OK')) return findings;
  return [
    ...findings,
    await checkDevice('CUDA', { engine: 'onnx', device: 'cuda' }, 'docs/gpu.md tells what fits together.'),
  ];
}

function checkDriver({ root }: Machine): Finding {
  const name = 'NVIDIA driver';
  const file = join(root, 'proc/driver/nvidia/version');
  const remedy = `Needed for CUDA only: install NVIDIA's driver, version ${oldestDriver} or newer.`;
  if (!existsSync(file)) return missing(name, 'not loaded', remedy);
  const version = /Kernel Module.*?\s(\d+)(\.[\d.]+)/.exec(readFileSync(file, 'utf8'));
  if (version === null) return warn(name, 'of unknown version', remedy);
  const found = `${version[1]}${version[2]}`;
  return Number(version[1]) < oldestDriver ? missing(name, `${found}, too old for CUDA 12`, remedy) : ok(name, found);
}

function checkLibraries(machine: Machine): Finding {
  const name = 'CUDA 12 and cuDNN 9';
  const found = libraries.map(([library, from]) => ({ library, from, at: findLibrary(library, machine) }));
  const absent = found.filter(({ at }) => at === undefined);
  const off = found.filter(({ at }) => at?.isOnPath === false);
  if (absent.length > 0) {
    const sources = [...new Set(absent.map(({ from }) => from))].join(', ');
    return missing(
      name,
      `not found: ${absent.map(({ library }) => library).join(', ')}`,
      `Needed for CUDA only: ${sources}.`,
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
