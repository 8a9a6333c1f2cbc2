import { add, matMul } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { CompileOptions, HostTensor, TensorFunction } from '../../../../src/ml/engine/engine.js';
import { sessionOptions } from '../../../../src/ml/engine/onnx/devices.js';
import { hasFastInt8 } from '../../../../src/ml/engine/onnx/fast-int8.js';
import { OnnxEngine } from '../../../../src/ml/engine/onnx/onnx-engine.js';
import { floats, type Inputs } from '../support.js';

const weight = floats([5, 16], -1, 1, 3);
const bias = floats([5], -1, 1, 4);
const layer: TensorFunction = ({ x, weight: w, bias: b }) => ({ y: add(matMul(x!, w!, false, true), b!) });

async function run(fn: TensorFunction, inputs: Inputs, options?: CompileOptions): Promise<Record<string, number[]>> {
  const engine = new OnnxEngine('cpu', 'test', sessionOptions('cpu', 1), true);
  try {
    const program = await engine.compile(fn, inputs, options);
    const given = Object.entries(inputs).map(([name, tensor]) => [name, engine.upload(tensor)] as const);
    const outputs = await program.run(Object.fromEntries(given));
    const read = Object.entries(outputs).map(
      async ([name, tensor]) => [name, [...(await engine.read(tensor))]] as [string, number[]],
    );
    return Object.fromEntries(await Promise.all(read));
  } finally {
    await engine.dispose();
  }
}

const rowsOf = (x: HostTensor, rows: number[]): HostTensor => ({
  ...x,
  shape: [rows.length, 16],
  data: Float32Array.from(rows.flatMap((row) => [...x.data.subarray(row * 16, (row + 1) * 16)])),
});

// Without the instruction, sums of products are cut off at 16 bits.
const cutOff = !hasFastInt8();
if (cutOff) console.warn('This processor cuts sums of 8-bit products off: how exact they are is not tested.');

describe('products in 8-bit integers', () => {
  const x = floats([7, 16], -2, 3, 5);
  const range = [Math.min(...x.data), Math.max(...x.data)] as const;
  const quantise = { weights: { weight }, ranges: { weight: range } };

  it('are observed first: what the weight is multiplied with', async () => {
    const observed = await run(layer, { x, weight, bias }, { observe: ['weight'] });
    expect(observed['lowest:weight']).toEqual([range[0]]);
    expect(observed['highest:weight']).toEqual([range[1]]);
    expect(observed['y']).toHaveLength(35);
  });

  it.skipIf(cutOff)('come close to those of floats, and take the weight no more', async () => {
    const { y: exact } = await run(layer, { x, weight, bias });
    const engine = new OnnxEngine('cpu', 'test', sessionOptions('cpu', 1), true);
    const program = await engine.compile(layer, { x, weight, bias }, { quantise });
    const { y } = await program.run({ x: engine.upload(x), bias: engine.upload(bias) });
    const values = [...(await engine.read(y!))];
    await engine.dispose();
    expect(values).not.toEqual(exact);
    // Half a level of each operand at 16 places would be 0.35, all in one direction.
    for (const [i, value] of values.entries()) expect(Math.abs(value - exact![i]!)).toBeLessThan(0.12);
  });

  it('give a row the same whoever else is in the batch', async () => {
    const together = await run(layer, { x, weight, bias }, { quantise });
    const alone = await run(layer, { x: rowsOf(x, [3]), weight, bias }, { quantise });
    expect(alone['y']).toEqual(together['y']!.slice(15, 20));
  });

  it('cut off what lies outside the range', async () => {
    const narrow = { weights: { weight }, ranges: { weight: [-0.5, 0.5] as const } };
    const large = { ...x, data: Float32Array.from(x.data, () => 2) };
    const edge = { ...x, data: Float32Array.from(x.data, () => 0.5) };
    const [beyond, at] = [
      await run(layer, { x: large, weight, bias }, { quantise: narrow }),
      await run(layer, { x: edge, weight, bias }, { quantise: narrow }),
    ];
    expect(beyond['y']).toEqual(at['y']);
  });
});

describe('fast products of 8-bit integers', () => {
  it('are there on arm64, and on x64 with one of the two extensions', () => {
    expect(hasFastInt8('arm64', '')).toBe(true);
    expect(hasFastInt8('x64', 'sse4_2 avx2 avx512f avx512_vnni')).toBe(true);
    expect(hasFastInt8('x64', 'avx2 avx_vnni')).toBe(true);
    expect(hasFastInt8('x64', 'sse4_2 avx2')).toBe(false);
  });
});
