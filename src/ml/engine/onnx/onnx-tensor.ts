import { Tensor } from 'onnxruntime-node';
import { ClvError } from '../../../errors.js';
import type { DType, EngineTensor, HostTensor } from '../engine.js';

/** Where a disposed tensor's memory goes for reuse. Answers whether it took it. */
export type Recycler = (tensor: Tensor) => boolean;

/** A tensor of ONNX Runtime, in Node's memory or in the device's. */
export class OnnxTensor implements EngineTensor {
  private runs = 0;
  private isDisposed = false;

  constructor(
    private readonly tensor: Tensor,
    private readonly recycle: Recycler = () => false,
  ) {}

  /** Copies the numbers, so that the caller's array stays the caller's. */
  static upload({ data, shape }: HostTensor): OnnxTensor {
    const copy = data.slice();
    return new OnnxTensor(
      copy instanceof Int32Array ? new Tensor('int32', copy, shape) : new Tensor('float32', copy, shape),
    );
  }

  get shape(): readonly number[] {
    return this.tensor.dims;
  }

  get dtype(): DType {
    return this.tensor.type === 'int32' ? 'int32' : 'float32';
  }

  /** The runtime's tensor, kept alive until `release`, even if the owner disposes of it meanwhile. */
  acquire(): Tensor {
    if (this.isDisposed) throw new ClvError('INTERNAL', 'This tensor was disposed of and cannot be used any more.');
    this.runs += 1;
    return this.tensor;
  }

  release(): void {
    this.runs -= 1;
    this.freeWhenIdle();
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.freeWhenIdle();
  }

  private freeWhenIdle(): void {
    if (!this.isDisposed || this.runs > 0) return;
    if (!this.recycle(this.tensor)) this.tensor.dispose();
  }
}
