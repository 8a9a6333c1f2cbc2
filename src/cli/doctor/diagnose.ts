import { type Config, loadConfig } from '../../config.js';
import { thisMachine } from '../../ml/engine/gpu.js';
import { checkBase } from './base-check.js';
import { checkCuda } from './cuda-check.js';
import { checkDatabase } from './database-check.js';
import { checkConfiguredEngine, checkDevice, checkOnnxRuntime } from './engine-check.js';
import { blocking, type Finding, ok } from './finding.js';
import { checkNode } from './node-check.js';
import { checkDisk, checkMemory } from './resources-check.js';
import { checkWebGpu } from './vulkan-check.js';
import { reasonOf } from '../../errors.js';

const tensorflowRemedy =
  'Needed for CLVGRAPH_ENGINE=tensorflow only; docs/gpu.md says how to install its native library or build it.';

export interface Section {
  readonly title: string;
  readonly findings: readonly Finding[];
}

/** Looks at everything that clvgraph needs or could use. Starts no server and changes nothing. */
export async function diagnose(): Promise<Section[]> {
  return [
    { title: 'Service', findings: await checkService() },
    // TensorFlow comes last, since it makes itself the backend of TensorFlow.js.
    { title: 'GPU', findings: [...(await checkCuda(thisMachine)), ...(await checkWebGpu(thisMachine))] },
    {
      title: 'Other engine',
      findings: [await checkDevice('TensorFlow', { engine: 'tensorflow', device: 'auto' }, tensorflowRemedy)],
    },
  ];
}

/** Whether nothing stands in the way of `clvgraph start`. */
export function canStart(sections: readonly Section[]): boolean {
  return sections.every(({ findings }) => findings.every(({ blocks }) => !blocks));
}

async function checkService(): Promise<Finding[]> {
  const [settings, config] = checkSettings();
  const independent = [settings, checkNode(), await checkOnnxRuntime(), checkMemory()];
  if (config === undefined) return independent;
  return [
    ...independent,
    // With a DATABASE_URL nothing is written to the data folder.
    ...(config.databaseUrl === undefined ? [await checkDisk(config.dataDirectory)] : []),
    await checkDatabase(config),
    await checkBase(config),
    await checkConfiguredEngine(config),
  ];
}

function checkSettings(): [Finding, Config | undefined] {
  try {
    return [ok('Settings', 'valid; clvgraph config shows them'), loadConfig().config];
  } catch (error) {
    return [blocking('Settings', reasonOf(error), 'Correct them in the environment or in .env.'), undefined];
  }
}
