import * as tf from '@tensorflow/tfjs-core';
import type { GradConfig, Tensor } from '@tensorflow/tfjs-core';
import { at, gradient, reduceToShape } from './support.js';

function transposed(x: Tensor): Tensor {
  const axes = x.shape.map((_, i) => i);
  return tf.transpose(x, [...axes.slice(0, -2), x.rank - 1, x.rank - 2]);
}

/**
 * op(a)' op(b) without a product that reads its left operand transposed, which is slow: the smaller operand is transposed beforehand,
 * and where that is the right one, (b' a)' is computed.
 * @param transposeA whether a is to be transposed; the same for b
 */
function product(a: Tensor, b: Tensor, transposeA: boolean, transposeB: boolean): Tensor {
  if (!transposeA) return tf.matMul(a, b, false, transposeB);
  if (transposeB || a.size < b.size) return tf.matMul(transposed(a), b, false, transposeB);
  return transposed(tf.matMul(transposed(b), a));
}

/** For y = op(a) op(b): da = dy op(b)', db = op(a)' dy. */
const batchMatMul = gradient(tf.BatchMatMul, { inputs: ['a', 'b'] }, (dy, saved, attributes) => {
  const [a, b] = [at(saved, 0), at(saved, 1)];
  const { transposeA, transposeB } = attributes as { transposeA: boolean; transposeB: boolean };
  return {
    a: () => {
      const da = transposeA ? product(b, dy, transposeB, true) : product(dy, b, false, !transposeB);
      return reduceToShape(da, a.shape);
    },
    b: () => {
      const db = transposeB ? product(dy, a, true, transposeA) : product(a, dy, !transposeA, false);
      return reduceToShape(db, b.shape);
    },
  };
});

export const matMulGradients: GradConfig[] = [batchMatMul];
