import * as tf from '@tensorflow/tfjs-core';
import { binaryGradients } from './binary.js';
import { elementwiseGradients } from './elementwise.js';
import { indexingGradients } from './indexing.js';
import { matMulGradients } from './matmul.js';
import { reductionGradients } from './reductions.js';
import { shapeGradients } from './shape.js';

/**
 * Registers the gradients that the project's programs need, and no others: TensorFlow.js throws an error that names a kernel whose
 * gradient is missing.
 *
 * The Node bundle of tfjs-core comes without gradients (they are part of `@tensorflow/tfjs`, which would bring a
 * browser's worth of packages along). These are also written for a traced graph: sums broadcast instead of
 * multiplying by ones, and no gradient passes through a transpose that it does not need. Calling it again is
 * harmless; call it before `tf.grads` wherever no engine has been created.
 */
export function registerGradients(): void {
  for (const config of [
    ...elementwiseGradients,
    ...binaryGradients,
    ...reductionGradients,
    ...shapeGradients,
    ...matMulGradients,
    ...indexingGradients,
  ]) {
    tf.registerGradient(config);
  }
}
