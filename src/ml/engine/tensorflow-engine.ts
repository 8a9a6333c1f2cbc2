import * as tf from '@tensorflow/tfjs-core';
import { ClvError } from '../../errors.js';
import { EagerEngine } from './eager-engine.js';
import type { Device } from './engine.js';

/** In order of preference. Imported by variable names, since the compiler must not require packages that need not be installed. */
const packages: Record<'auto' | Device, readonly string[]> = {
  auto: ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'],
  cuda: ['@tensorflow/tfjs-node-gpu'],
  cpu: ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'],
  webgpu: [],
};

/**
 * The tensorflow engine: programs run operation by operation on TensorFlow's C library.
 * @throws ClvError `ENGINE_UNAVAILABLE` if no package for the device is installed, or it cannot be loaded
 */
export async function createTensorflowEngine(device: 'auto' | Device): Promise<EagerEngine> {
  const failures: string[] = [];
  for (const name of packages[device]) {
    const failure = await load(name);
    if (failure === undefined) return engineFor(name, device);
    failures.push(failure);
  }
  throw unavailable(failures.length > 0 ? failures.join('; ') : `it has no ${device} device`);
}

/** Loads a package, which registers its backend. @returns why it failed, if it did */
async function load(name: string): Promise<string | undefined> {
  try {
    await import(name);
    return undefined;
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    return isMissing ? `${name} is not installed` : `${name} does not load (${String(error)})`;
  }
}

async function engineFor(name: string, device: 'auto' | Device): Promise<EagerEngine> {
  await tf.setBackend('tensorflow');
  await tf.ready();
  const backend: object = tf.backend();
  const hasGpu = 'isUsingGpuDevice' in backend && backend.isUsingGpuDevice === true;
  if (device === 'cuda' && !hasGpu) throw unavailable(`${name} is installed but found no CUDA device`);
  const library = `TensorFlow ${nativeVersion(backend)}`;
  return new EagerEngine(
    hasGpu ? 'cuda' : 'cpu',
    `${library}, TensorFlow.js ${tf.version_core}, ${name}, ${hasGpu ? 'CUDA' : 'CPU'}`,
  );
}

/** Version of the C library, e.g. `2.21.0`: the addon can be built against another one than it comes with. */
function nativeVersion(backend: object): string {
  const binding: unknown = 'binding' in backend ? backend.binding : undefined;
  const isObject = typeof binding === 'object' && binding !== null;
  return isObject && 'TF_Version' in binding ? String(binding.TF_Version) : 'of unknown version';
}

function unavailable(reason: string): ClvError {
  return new ClvError(
    'ENGINE_UNAVAILABLE',
    `The tensorflow engine cannot run: ${reason}. Install @tensorflow/tfjs-node or @tensorflow/tfjs-node-gpu (their ` +
      'install scripts download TensorFlow), or set the engine to onnx.',
  );
}
