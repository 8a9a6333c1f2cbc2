import type { Engine } from './engine.js';
import { createOnnxEngine, type OnnxSettings } from './onnx/devices.js';
import { createTensorflowEngine } from './tensorflow-engine.js';

export interface EngineSettings extends OnnxSettings {
  /** `auto` is onnx, which comes with the package. */
  readonly engine: 'auto' | 'onnx' | 'tensorflow';
}

/**
 * The engine that executes models, on a device that has been tried out. `description` says what it is.
 * @throws ClvError `ENGINE_UNAVAILABLE` naming what is missing and how to mend it
 */
export async function createEngine(settings: EngineSettings): Promise<Engine> {
  if (settings.engine === 'tensorflow') return createTensorflowEngine(settings.device);
  return createOnnxEngine(settings);
}
