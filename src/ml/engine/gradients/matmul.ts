import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig } from '@tensorflow/tfjs-core';
import { at, gradient, reduceToShape } from './support.js';

/** For y = op(a) op(b): da = dy op(b)', db = op(a)' dy, with the transposes moved into the product's flags. */
const batchMatMul = gradient(tf.BatchMatMul, { inputs: ['a', 'b'] }, (dy, saved, attributes) => {
  const [a, b] = [at(saved, 0), at(saved, 1)];
  const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
  return {
    a: () => {
      const da = transposeA ? tf.matMul(b, dy, transposeB, true) : tf.matMul(dy, b, false, !transposeB);
      return reduceToShape(da, a.shape);
    },
    b: () => {
      const db = transposeB ? tf.matMul(dy, a, true, transposeA) : tf.matMul(a, dy, !transposeA, false);
      return reduceToShape(db, b.shape);
    },
  };
});

export const matMulGradients: GradConfig[] = [batchMatMul];
