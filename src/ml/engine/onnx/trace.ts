import * as tf from '@tensorflow/tfjs-core';
import { ClvError } from '../../../errors.js';
import type { TensorFunction, TensorSpec } from '../engine.js';
import { registerGradients } from '../gradients/register.js';
import type { Graph, Value } from './graph.js';
import { GraphBuilder } from './graph-builder.js';
import { registerTraceKernels } from './kernels/register.js';
import { cast } from './operators.js';
import { elementType, traceBackendName, TraceBackend } from './trace-backend.js';

/**
 * Records what `fn` does with tensors of the given shapes as an ONNX graph, gradients included.
 *
 * It runs to its end without yielding, so no other code ever sees the tracing backend, and it leaves the
 * backend that was active before active again.
 *
 * @throws ClvError `ENGINE_UNAVAILABLE` for an operation that has no ONNX form, or a read of a tensor's numbers.
 */
export function trace(fn: TensorFunction, inputs: Record<string, TensorSpec>): Graph {
  registerGradients();
  registerTraceKernels();
  const builder = new GraphBuilder();
  const backend = new TraceBackend(builder);
  return withBackend(backend, () => builder.finish(record(fn, inputs, backend)));
}

function record(fn: TensorFunction, inputs: Record<string, TensorSpec>, backend: TraceBackend): Map<string, Value> {
  const outputs = new Map<string, Value>();
  tf.tidy(() => {
    const symbols: Record<string, tf.Tensor> = {};
    for (const [name, { shape, dtype }] of Object.entries(inputs)) {
      const value = backend.graph.input(name, [...shape], elementType(dtype));
      symbols[name] = tf.engine().makeTensorFromTensorInfo(backend.tensorInfo(value));
    }
    for (const [name, tensor] of Object.entries(fn(symbols))) {
      const value = backend.valueBehind(tensor);
      // Booleans do not cross an engine's boundary.
      outputs.set(name, value.type === 'bool' ? cast(backend.graph, value, 'int32') : value);
    }
  });
  return outputs;
}

/** Both registry calls finish before they return, for a backend whose factory is synchronous. */
function withBackend<T>(backend: TraceBackend, action: () => T): T {
  const previous = tf.getBackend();
  tf.registerBackend(traceBackendName, () => backend, 0);
  void tf.setBackend(traceBackendName);
  try {
    return action();
  } catch (error) {
    disposeSavedTensors();
    throw explained(error);
  } finally {
    // There may be none, whatever its type says.
    if (previous) void tf.setBackend(previous);
    tf.removeBackend(traceBackendName);
  }
}

/** Tensors that a gradient saved for its backward pass outlive the scopes, and are not freed otherwise if it failed. */
function disposeSavedTensors(): void {
  const tape: readonly { saved?: tf.Tensor[] }[] | null = tf.engine().state.activeTape;
  for (const node of tape ?? []) for (const tensor of node.saved ?? []) tensor.dispose();
}

function explained(error: unknown): unknown {
  const missing = error instanceof Error ? /^Kernel '(\w+)' not registered/.exec(error.message) : null;
  if (missing === null) return error;
  return new ClvError(
    'ENGINE_UNAVAILABLE',
    `The onnx engine cannot trace the kernel ${missing[1]}: write the function with other operations, add the kernel ` +
      'under src/ml/engine/onnx/kernels, or use the tensorflow engine.',
    { cause: error },
  );
}
