import type { Config } from '../../config.js';
import { createEngine, type EngineSettings } from '../../ml/engine/create-engine.js';
import { blocking, type Finding, missing, ok } from './finding.js';
import { reasonOf } from '../../errors.js';

/** Checks ONNX Runtime's native library by an addition on the CPU. */
export function checkOnnxRuntime(): Promise<Finding> {
  return tryEngine(
    'ONNX Runtime',
    { engine: 'onnx', device: 'cpu' },
    blocking,
    'Run npm install again on this platform.',
  );
}

/** Checks the device that the settings ask for. */
export function checkConfiguredEngine(config: Pick<Config, 'engine' | 'device' | 'threads'>): Promise<Finding> {
  const settings = `CLVGRAPH_ENGINE=${config.engine}, CLVGRAPH_DEVICE=${config.device}`;
  return tryEngine(`Engine (${settings})`, config, blocking, 'Install what is missing below, or set both to auto.');
}

/** Checks an optional device by an addition on it. */
export function checkDevice(name: string, settings: EngineSettings, remedy: string): Promise<Finding> {
  return tryEngine(name, settings, missing, remedy);
}

async function tryEngine(
  name: string,
  settings: EngineSettings,
  failure: typeof missing,
  remedy: string,
): Promise<Finding> {
  try {
    const engine = await createEngine(settings);
    const { description } = engine;
    await engine.dispose();
    return ok(name, description);
  } catch (error) {
    return failure(name, reasonOf(error), remedy);
  }
}
