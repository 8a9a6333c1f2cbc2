import { availableParallelism } from 'node:os';
import { env } from 'onnxruntime-node';
import type { Device, Engine } from './engine.js';
import { OnnxEngine } from './onnx/onnx-engine.js';

export interface EngineSettings {
  readonly engine: 'auto' | 'onnx' | 'tensorflow';
  readonly device: 'auto' | Device;
  /** Threads of the CPU device; as many as the machine has cores unless set. */
  readonly threads?: number;
}

export async function createEngine(settings: EngineSettings): Promise<Engine> {
  const threads = settings.threads ?? availableParallelism();
  return new OnnxEngine('cpu', `ONNX Runtime ${env.versions.node}, CPU, ${threads} threads`, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
  });
}
