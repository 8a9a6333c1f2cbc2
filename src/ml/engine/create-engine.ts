import type { Device, Engine } from './engine.js';
import { createOnnxEngine } from './onnx/devices.js';
import { createTensorflowEngine } from './tensorflow-engine.js';

export interface EngineSettings {
  /** `auto` is onnx, which comes with the package. */
  readonly engine: 'auto' | 'onnx' | 'tensorflow';
  /** `auto` takes a real graphics processor if there is one; a device asked for by name is used or refused. */
  readonly device: 'auto' | Device;
  /** Threads of the CPU device (onnx); as many as the machine has cores unless set. */
  readonly threads?: number;
}

/**
 * The engine that executes models, on a device that has been tried out. `description` says what it is.
 * @throws ClvError `ENGINE_UNAVAILABLE` naming what is missing and how to mend it
 */
export async function createEngine(settings: EngineSettings): Promise<Engine> {
  if (settings.engine === 'tensorflow') return createTensorflowEngine(settings.device);
  return createOnnxEngine(settings);
}
