import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it } from 'vitest';
import type { Engine, TensorFunction } from '../../../src/ml/engine/engine.js';
import { createOnnxEngine } from '../../../src/ml/engine/onnx/devices.js';
import { kernel } from '../../../src/ml/engine/onnx/kernels/kernel.js';
import { unary } from '../../../src/ml/engine/onnx/operators.js';
import { type Placement, placements } from '../../../src/ml/engine/engine-events.js';
import { activate } from '../../../src/ml/model/layers.js';
import { parityOf, tolerance } from '../../../bench/gpu/parity.js';
import { tinyModel } from '../model/support.js';
import { cpuEngine, floats, ints, runTraced } from './support.js';

/** Any adapter will do here, llvmpipe included (Debian: libvulkan1 and mesa-vulkan-drivers). */
const engine: Engine | undefined = await createOnnxEngine({ device: 'webgpu' }).catch(() => undefined);
if (engine === undefined) console.warn('No WebGPU adapter on this machine: the WebGPU tests are skipped.');

const inputs = {
  table: floats([6, 8]),
  w: floats([8, 8], -1, 1, 3),
  b: floats([8], -1, 1, 5),
  ids: ints([2, 3], [0, 5, 5, 2, 0, 1]),
};

/** Lookup, product, GELU, attention-like softmax and a loss; one step of plain gradient descent. */
const step: TensorFunction = ({ table, w, b, ids }) => {
  const loss = (t: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor => {
    const x = tf.gather(t, ids as tf.Tensor2D);
    const y = tf.add(tf.reshape(tf.matMul(tf.reshape(x, [6, 8]), weight, false, true), [2, 3, 8]), bias);
    const attention = tf.softmax(tf.matMul(activate(y, 'gelu'), x, false, true));
    return tf.mean(tf.square(tf.matMul(attention, x)));
  };
  const { value, grads } = tf.valueAndGrads(loss)([table!, w!, b!]);
  const descend = (weight: tf.Tensor, gradient: tf.Tensor): tf.Tensor => tf.sub(weight, tf.mul(gradient, 0.1));
  return {
    loss: value,
    table: descend(table!, grads[0]!),
    w: descend(w!, grads[1]!),
    b: descend(b!, grads[2]!),
  };
};

/** Collects placements until it is asked for them. */
function seenPlacements(): () => Placement[] {
  const seen: Placement[] = [];
  const listen = (message: unknown): void => void seen.push(message as Placement);
  placements.subscribe(listen);
  return () => {
    placements.unsubscribe(listen);
    return seen;
  };
}

describe.skipIf(engine === undefined)('the onnx engine on WebGPU', () => {
  const webgpu = engine as Engine;
  afterAll(() => webgpu.dispose());

  it('says which device answers', () => {
    expect(webgpu.device).toBe('webgpu');
    expect(webgpu.description).toMatch(/WebGPU on .+/);
  });

  it('takes the same step as the CPU', async () => {
    const onGpu = await runTraced(step, inputs, webgpu);
    const onCpu = await runTraced(step, inputs);
    for (const [name, expected] of Object.entries(onCpu)) {
      const differences = onGpu[name]!.map((number, i) => Math.abs(number - expected[i]!));
      expect(Math.max(...differences), `output ${name}`).toBeLessThan(1e-5);
    }
  });

  it.each(['FULL', 'LORA'] as const)(
    'computes the outputs, the gradients and 20 AdamW steps of the whole model as the CPU does (%s)',
    async (strategy) => {
      const seen = seenPlacements();
      const cpu = cpuEngine();
      const parity = await parityOf(webgpu, cpu, { spec: { ...tinyModel, strategy }, batch: 4, length: 6 });
      await cpu.dispose();
      expect(parity.forward).toBeLessThan(tolerance);
      expect(parity.gradients).toBeLessThan(tolerance);
      expect(parity.training).toBeLessThan(tolerance);
      expect(seen().map(({ onCpu }) => onCpu)).toEqual([{}, {}, {}]);
    },
  );

  it('tells where the nodes of a program ran, at its first run only', async () => {
    const seen = seenPlacements();
    // The runtime has no Sign for WebGPU; no program of the product needs it.
    tf.registerKernel(kernel(tf.Sign, (call) => unary(call.graph, 'Sign', call.input('x'))));
    const program = await webgpu.compile(({ x }) => ({ y: tf.sign(tf.mul(x!, 0.5)) }), { x: floats([4]) });
    for (let i = 0; i < 2; i++) await program.run({ x: webgpu.upload(floats([4], -1, 1)) });
    const [placement, ...more] = seen();
    expect(more).toEqual([]);
    expect(placement).toMatchObject({ engine: webgpu.description, onCpu: { Sign: 1 }, copies: 1 });
    expect(placement!.nodes['WebGpuExecutionProvider']).toBeGreaterThan(0);
    await program.dispose();
  });

  it('keeps state on the device from step to step, and reads it back', async () => {
    const program = await webgpu.compile(({ w }) => ({ w: tf.mul(w!, 2) }), { w: floats([2]) });
    let w = webgpu.upload({ shape: [2], dtype: 'float32', data: Float32Array.of(1, -3) });
    for (let i = 0; i < 5; i++) {
      const next = (await program.run({ w }))['w']!;
      w.dispose();
      w = next;
    }
    expect(await webgpu.read(w)).toEqual(Float32Array.of(32, -96));
    w.dispose();
    await program.dispose();
  });

  it('gives the same answer when an input has moved to the device', async () => {
    const program = await webgpu.compile(({ x, w }) => ({ y: tf.matMul(x!, w!) }), { x: floats([1, 8]), w: inputs.w });
    const w = webgpu.upload(inputs.w);
    const answers = [];
    for (let i = 0; i < 3; i++) {
      const { y } = await program.run({ x: webgpu.upload(floats([1, 8])), w });
      answers.push(await webgpu.read(y!));
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
    expect(await webgpu.read(w)).toEqual(inputs.w.data);
    await program.dispose();
  });

  it('reads integers and scalars', async () => {
    const fn: TensorFunction = ({ ids }) => ({ next: tf.add(ids!, tf.scalar(1, 'int32')), one: tf.scalar(1) });
    const { next, one } = await runTraced(fn, { ids: inputs.ids }, webgpu);
    expect(next).toEqual([1, 6, 6, 3, 1, 2]);
    expect(one).toEqual([1]);
  });
});
