import type { Engine, EngineTensor, Program, TensorSpec } from '../../../src/ml/engine/engine.js';

/** An engine that computes nothing and cannot be read, with the tensors that it holds. */
export function idleEngine() {
  const held = new Set<EngineTensor>();
  const hold = ({ shape, dtype }: TensorSpec): EngineTensor => {
    const tensor = { shape, dtype, dispose: () => void held.delete(tensor) };
    held.add(tensor);
    return tensor;
  };
  /** A program with scalars of these names as its outputs. */
  const programOf = (...outputs: string[]): Program => ({
    run: async () => Object.fromEntries(outputs.map((name) => [name, hold({ shape: [1], dtype: 'float32' })])),
    dispose: async () => undefined,
  });
  const engine: Engine = {
    name: 'onnx',
    device: 'cpu',
    description: 'idle',
    quantises: false,
    comfortableBytes: Infinity,
    compile: async () => programOf('losses'),
    upload: hold,
    read: () => Promise.reject(new Error('the device is lost')),
    dispose: async () => undefined,
  };
  return { engine, held, programOf };
}
