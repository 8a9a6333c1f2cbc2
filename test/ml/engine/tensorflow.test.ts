import { afterAll, describe, expect, it } from 'vitest';
import { parityOf, tolerance } from '../../../bench/gpu/parity.js';
import type { Engine } from '../../../src/ml/engine/engine.js';
import { createTensorflowEngine } from '../../../src/ml/engine/tensorflow-engine.js';
import { tinyModel } from '../model/support.js';
import { cpuEngine } from './support.js';

/** docs/gpu.md tells how to install or build its native library. */
const engine: Engine | undefined = await createTensorflowEngine('auto').catch((reason: unknown) => {
  console.warn(`The tensorflow engine's tests are skipped: ${String(reason)}`);
  return undefined;
});

describe.skipIf(engine === undefined)('the tensorflow engine on its native library', () => {
  const tensorflow = engine as Engine;
  afterAll(() => tensorflow.dispose());

  it.each(['FULL', 'LORA'] as const)(
    "computes the outputs, the gradients and 20 AdamW steps of the whole model as ONNX Runtime's CPU does (%s)",
    async (strategy) => {
      const cpu = cpuEngine();
      const parity = await parityOf(tensorflow, cpu, { spec: { ...tinyModel, strategy }, batch: 4, length: 6 });
      await cpu.dispose();
      expect(parity.forward).toBeLessThan(tolerance);
      expect(parity.gradients).toBeLessThan(tolerance);
      expect(parity.training).toBeLessThan(tolerance);
    },
  );

  it('says which package and version of TensorFlow computes', () => {
    expect(tensorflow.description).toMatch(/^TensorFlow \d+\.\d+\.\d+, TensorFlow\.js \d.*tfjs-node.*(CPU|CUDA)$/);
  });
});
