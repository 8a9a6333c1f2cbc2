import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { ClvError } from '../../../src/errors.js';
import { createEngine, type EngineSettings } from '../../../src/ml/engine/create-engine.js';
import { findGpu } from '../../../src/ml/engine/gpu.js';
import { createOnnxEngine } from '../../../src/ml/engine/onnx/devices.js';

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

const hasTensorflow = isInstalled('@tensorflow/tfjs-node') || isInstalled('@tensorflow/tfjs-node-gpu');
const hasCuda = await createOnnxEngine({ device: 'cuda' }).then(
  () => true,
  () => false,
);

async function failureOf(settings: EngineSettings): Promise<ClvError> {
  const error: unknown = await createEngine(settings).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ClvError);
  return error as ClvError;
}

describe('createEngine', () => {
  it('gives ONNX Runtime on the CPU, and says with how many threads', async () => {
    const engine = await createEngine({ engine: 'onnx', device: 'cpu', threads: 1 });
    expect(engine.name).toBe('onnx');
    expect(engine.device).toBe('cpu');
    expect(engine.description).toMatch(/^ONNX Runtime \d+\.\d+\.\d+, CPU, 1 thread$/);
    await engine.dispose();
  });

  it.skipIf(hasCuda || findGpu() !== undefined)('takes the CPU of itself where there is no real GPU', async () => {
    const engine = await createEngine({ engine: 'auto', device: 'auto' });
    expect([engine.name, engine.device]).toEqual(['onnx', 'cpu']);
    await engine.dispose();
  });

  it.skipIf(hasCuda)('refuses CUDA without its provider, and says how to get it', async () => {
    const error = await failureOf({ engine: 'onnx', device: 'cuda' });
    expect(error.code).toBe('ENGINE_UNAVAILABLE');
    expect(error.message).toMatch(/device cuda: its provider library is not installed.*install\.js/);
  });

  it.skipIf(hasTensorflow)('refuses the tensorflow engine without its package, and names it', async () => {
    const error = await failureOf({ engine: 'tensorflow', device: 'auto' });
    expect(error.code).toBe('ENGINE_UNAVAILABLE');
    expect(error.message).toMatch(/@tensorflow\/tfjs-node is not installed.*set the engine to onnx/);
  });

  it('refuses TensorFlow on WebGPU', async () => {
    const error = await failureOf({ engine: 'tensorflow', device: 'webgpu' });
    expect(error.message).toMatch(/no webgpu device/);
  });
});
