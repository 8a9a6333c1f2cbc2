import * as tf from '@tensorflow/tfjs-core';
import { traceBackendName } from '../trace-backend.js';
import { binaryKernels } from './binary.js';
import { elementwiseKernels } from './elementwise.js';
import { indexingKernels } from './indexing.js';
import { matMulKernels } from './matmul.js';
import { reductionKernels } from './reductions.js';
import { shapeKernels } from './shape.js';

/** Registers every kernel of the tracing backend, once. */
export function registerTraceKernels(): void {
  if (tf.getKernel(tf.Add, traceBackendName) !== undefined) return;
  for (const config of [
    ...elementwiseKernels,
    ...binaryKernels,
    ...reductionKernels,
    ...shapeKernels,
    ...matMulKernels,
    ...indexingKernels,
  ]) {
    tf.registerKernel(config);
  }
}
