import * as tf from '@tensorflow/tfjs-core';
import { registerGradients } from './gradients/register.js';
import type {
  Device,
  Engine,
  EngineTensor,
  EngineTensors,
  HostTensor,
  Program,
  TensorData,
  TensorFunction,
  TensorSpec,
} from './engine.js';

class EagerTensor implements EngineTensor {
  constructor(readonly value: tf.Tensor) {}

  get shape(): readonly number[] {
    return this.value.shape;
  }

  get dtype(): 'float32' | 'int32' {
    return this.value.dtype === 'int32' ? 'int32' : 'float32';
  }

  dispose(): void {
    if (!this.value.isDisposed) this.value.dispose();
  }
}

class EagerProgram implements Program {
  constructor(private readonly fn: TensorFunction) {}

  async run(inputs: EngineTensors): Promise<EngineTensors> {
    const outputs = tf.tidy(() => {
      const values: Record<string, tf.Tensor> = {};
      for (const [name, tensor] of Object.entries(inputs)) values[name] = (tensor as EagerTensor).value;
      // A clone, so that an input handed through unchanged becomes a tensor of the caller's own.
      return Object.fromEntries(Object.entries(this.fn(values)).map(([name, value]) => [name, tf.clone(value)]));
    });
    return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, new EagerTensor(value)]));
  }

  async dispose(): Promise<void> {}
}

/** Runs programs operation by operation on whatever TensorFlow.js backend is active. */
export class EagerEngine implements Engine {
  readonly name = 'tensorflow' as const;
  readonly quantises = false;
  readonly comfortableBytes = Infinity;

  constructor(
    readonly device: Device,
    readonly description: string,
  ) {
    registerGradients();
  }

  async compile(fn: TensorFunction, _inputs: Record<string, TensorSpec>): Promise<Program> {
    return new EagerProgram(fn);
  }

  upload(tensor: HostTensor): EngineTensor {
    return new EagerTensor(tf.tensor(tensor.data, [...tensor.shape], tensor.dtype));
  }

  async read(tensor: EngineTensor): Promise<TensorData> {
    // On the CPU, TensorFlow.js gives the tensor's own array.
    return ((await (tensor as EagerTensor).value.data()) as TensorData).slice();
  }

  async dispose(): Promise<void> {}
}
