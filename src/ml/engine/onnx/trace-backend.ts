import * as tf from '@tensorflow/tfjs-core';
import type { BackendValues, DataType, TensorInfo } from '@tensorflow/tfjs-core';
import { ClvError } from '../../../errors.js';
import type { ElementType, Value } from './graph.js';
import type { GraphBuilder } from './graph-builder.js';

export const traceBackendName = 'onnx-trace';

type DataId = TensorInfo['dataId'];

/**
 * A TensorFlow.js backend whose tensors are values of an ONNX graph: kernels append nodes and compute nothing.
 * Shapes are known, numbers are not, so reading a tensor is an error.
 */
export class TraceBackend extends tf.KernelBackend {
  private readonly values = new Map<DataId, Value>();

  constructor(readonly graph: GraphBuilder) {
    super();
  }

  /** The graph's value behind a tensor. A tensor of another backend, captured by the function, becomes a constant. */
  valueBehind(info: TensorInfo): Value {
    const value = this.values.get(info.dataId);
    if (value !== undefined) return value;
    const captured = constantValue(this.graph, tf.engine().readSync(info.dataId), info.shape, info.dtype);
    this.values.set(info.dataId, captured);
    return captured;
  }

  tensorInfo(value: Value): TensorInfo {
    const dataId = {};
    this.values.set(dataId, value);
    return { dataId, shape: [...value.shape], dtype: tensorType(value.type) };
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    return this.tensorInfo(constantValue(this.graph, values, shape, dtype)).dataId;
  }

  override readSync(): BackendValues {
    throw new ClvError(
      'ENGINE_UNAVAILABLE',
      'A traced function read the numbers of a tensor (dataSync, arraySync, print or the like). They do not exist ' +
        'while the ONNX graph is being traced: keep to tensor operations, or read the output of Program.run.',
    );
  }

  override async read(): Promise<BackendValues> {
    return this.readSync();
  }

  override disposeData(dataId: DataId): boolean {
    this.values.delete(dataId);
    return true;
  }

  override numDataIds(): number {
    return this.values.size;
  }

  override refCount(): number {
    return 1;
  }

  override incRef(): void {}

  override memory(): { unreliable: boolean; reasons: string[] } {
    return { unreliable: true, reasons: ['Symbolic tensors hold no numbers.'] };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {
    this.values.clear();
  }
}

function constantValue(graph: GraphBuilder, values: BackendValues, shape: readonly number[], dtype: DataType): Value {
  const type = elementType(dtype);
  const isNumeric = values instanceof Float32Array || values instanceof Int32Array || values instanceof Uint8Array;
  // A copy, since the caller may go on writing into its own array.
  return graph.dense(isNumeric ? values.slice() : Array.from(values, Number), [...shape], type);
}

export function elementType(dtype: DataType): ElementType {
  if (dtype === 'float32') return 'float';
  if (dtype === 'int32' || dtype === 'bool') return dtype;
  throw new ClvError(
    'ENGINE_UNAVAILABLE',
    `The onnx engine has no tensors of type ${dtype}; use float32, int32 or bool.`,
  );
}

function tensorType(type: ElementType): 'float32' | 'int32' | 'bool' {
  if (type === 'float') return 'float32';
  return type === 'bool' ? 'bool' : 'int32';
}
