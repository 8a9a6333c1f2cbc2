import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { cpuEngine, floats, ints, runTraced } from '../support.js';

it('gives sums of many rows by id the same to the last bit, however many threads there are', async () => {
  const [rows, width, segments] = [4096, 128, 5];
  const inputs = {
    x: floats([rows, width]),
    ids: ints(
      [rows],
      Array.from({ length: rows }, (_, i) => (i * 7) % segments),
    ),
  };
  const sums = async (threads: number): Promise<Record<string, number[]>> => {
    const engine = cpuEngine(threads);
    const fn = ({ x, ids }: Record<string, tf.Tensor>) => ({
      sums: tf.unsortedSegmentSum(x!, ids as tf.Tensor1D, segments),
    });
    const result = await runTraced(fn, inputs, engine);
    await engine.dispose();
    return result;
  };
  const byOne = await sums(1);
  for (let i = 0; i < 5; i++) expect(await sums(4)).toEqual(byOne);
});
