import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, TensorFunction } from '../../../src/ml/engine/engine.js';
import { EagerEngine } from '../../../src/ml/engine/eager-engine.js';
import { cpuEngine, floats, ints } from './support.js';

const vector = (...numbers: number[]) => ({
  shape: [numbers.length],
  dtype: 'float32' as const,
  data: Float32Array.from(numbers),
});

describe.each([
  ['onnx', (): Engine => cpuEngine()],
  ['tensorflow', (): Engine => new EagerEngine('cpu', 'TensorFlow.js CPU backend')],
])('the %s engine', (_name, create) => {
  let engine: Engine;

  beforeAll(async () => {
    await tf.setBackend('cpu');
    engine = create();
  });
  afterAll(() => engine.dispose());

  it('copies what is read', async () => {
    const tensor = engine.upload(vector(1, 2));
    const read = await engine.read(tensor);
    read[1] = 99;
    expect(await engine.read(tensor)).toEqual(Float32Array.of(1, 2));
  });

  it('runs a program again and again without consuming its inputs', async () => {
    const program = await engine.compile(({ x, y }) => ({ sum: tf.add(x!, y!) }), { x: vector(1, 2), y: vector(0, 0) });
    const [x, y] = [engine.upload(vector(1, 2)), engine.upload(vector(10, 20))];
    for (let i = 0; i < 3; i++) {
      const { sum } = await program.run({ x, y });
      expect(sum!.shape).toEqual([2]);
      expect(sum!.dtype).toBe('float32');
      expect(await engine.read(sum!)).toEqual(Float32Array.of(11, 22));
      sum!.dispose();
    }
    expect(await engine.read(x)).toEqual(Float32Array.of(1, 2));
  });

  it('feeds outputs back under the name of the input that they replace', async () => {
    const program = await engine.compile(({ w }) => ({ w: tf.mul(w!, 2) }), { w: vector(0) });
    let w = engine.upload(vector(1));
    for (let i = 0; i < 10; i++) {
      const next = (await program.run({ w }))['w']!;
      w.dispose();
      w = next;
    }
    expect(await engine.read(w)).toEqual(Float32Array.of(1024));
  });

  it('gives inputs, constants and one value under two names as tensors of their own', async () => {
    const fn: TensorFunction = ({ x }) => {
      const square = tf.square(x!);
      return { x: x!, constant: tf.tensor1d([7, 8]), first: square, second: square };
    };
    const program = await engine.compile(fn, { x: vector(0, 0) });
    const x = engine.upload(vector(2, 3));
    const outputs = await program.run({ x });
    x.dispose();
    outputs['first']!.dispose();
    expect(await engine.read(outputs['x']!)).toEqual(Float32Array.of(2, 3));
    expect(await engine.read(outputs['constant']!)).toEqual(Float32Array.of(7, 8));
    expect(await engine.read(outputs['second']!)).toEqual(Float32Array.of(4, 9));
  });

  it('carries integers and scalars', async () => {
    const program = await engine.compile(
      ({ ids, x }) => ({ next: tf.add(ids!, tf.scalar(1, 'int32')), total: tf.sum(x!) }),
      { ids: ints([2], [0, 0]), x: vector(0, 0) },
    );
    const outputs = await program.run({ ids: engine.upload(ints([2], [4, -1])), x: engine.upload(vector(1, 2)) });
    expect(outputs['next']!.dtype).toBe('int32');
    expect(await engine.read(outputs['next']!)).toEqual(Int32Array.of(5, 0));
    expect(outputs['total']!.shape).toEqual([]);
    expect(await engine.read(outputs['total']!)).toEqual(Float32Array.of(3));
  });

  it('lets an input be disposed of while the program runs, and twice', async () => {
    const program = await engine.compile(({ x }) => ({ y: tf.neg(x!) }), { x: vector(0) });
    const x = engine.upload(vector(5));
    const running = program.run({ x });
    x.dispose();
    x.dispose();
    expect(await engine.read((await running)['y']!)).toEqual(Float32Array.of(-5));
  });
});

describe('the onnx engine', () => {
  const engine = cpuEngine();
  afterAll(() => engine.dispose());

  const double = () => engine.compile(({ x }) => ({ y: tf.mul(x!, 2) }), { x: floats([2, 3]) });

  it('copies what is uploaded', async () => {
    const host = vector(1, 2);
    const tensor = engine.upload(host);
    host.data[0] = 99;
    expect(await engine.read(tensor)).toEqual(Float32Array.of(1, 2));
  });

  it('keeps what was read of an output although its memory is used again', async () => {
    const program = await engine.compile(({ x }) => ({ y: tf.add(x!, 1) }), { x: vector(0) });
    const { y } = await program.run({ x: engine.upload(vector(1)) });
    const read = await engine.read(y!);
    y!.dispose();
    await program.run({ x: engine.upload(vector(50)) });
    expect(read).toEqual(Float32Array.of(2));
  });

  it('names an input that is missing, of another shape, of another type or of another engine', async () => {
    const program = await double();
    await expect(program.run({})).rejects.toThrow(/input x \(float32 \[2, 3\]\)/);
    await expect(program.run({ x: engine.upload(floats([3, 2])) })).rejects.toThrow(
      /x was compiled as float32 \[2, 3\] but is float32 \[3, 2\]/,
    );
    await expect(program.run({ x: engine.upload(ints([2, 3], [1, 2, 3, 4, 5, 6])) })).rejects.toThrow(/but is int32/);
    const foreign = new EagerEngine('cpu', 'other').upload(floats([2, 3]));
    await expect(program.run({ x: foreign })).rejects.toThrow(/this engine uploaded or computed/);
  });

  it('refuses tensors and programs that were disposed of', async () => {
    const program = await double();
    const x = engine.upload(floats([2, 3]));
    x.dispose();
    await expect(program.run({ x })).rejects.toThrow(/was disposed of/);
    await expect(engine.read(x)).rejects.toThrow(/was disposed of/);
    await program.dispose();
    await program.dispose();
    await expect(program.run({ x: engine.upload(floats([2, 3])) })).rejects.toThrow(/program was disposed of/);
  });

  it('finishes a run before it gives up the session', async () => {
    const program = await double();
    const running = program.run({ x: engine.upload(floats([2, 3])) });
    await program.dispose();
    expect((await engine.read((await running)['y']!))[0]).toBeCloseTo(2 * floats([2, 3]).data[0]!, 6);
  });

  it('compiles several programs at a time', async () => {
    const programs = await Promise.all([double(), double()]);
    const runs = programs.map((program) => program.run({ x: engine.upload(floats([2, 3])) }));
    const [first, second] = await Promise.all(runs);
    expect(await engine.read(first!['y']!)).toEqual(await engine.read(second!['y']!));
  });

  it('recovers its inputs after a failed run', async () => {
    const program = await engine.compile(({ table, ids }) => ({ rows: tf.gather(table!, ids as tf.Tensor1D) }), {
      table: floats([3, 2]),
      ids: ints([1], [0]),
    });
    const table = engine.upload(floats([3, 2]));
    await expect(program.run({ table, ids: engine.upload(ints([1], [7])) })).rejects.toThrow(/indices|bounds/i);
    const { rows } = await program.run({ table, ids: engine.upload(ints([1], [1])) });
    expect(Array.from(await engine.read(rows!))).toEqual(Array.from(floats([3, 2]).data.slice(2, 4)));
  });
});
