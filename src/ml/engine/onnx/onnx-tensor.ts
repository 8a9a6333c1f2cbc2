import { Tensor } from 'onnxruntime-node';
import { ClvError } from '../../../errors.js';
import type { DType, EngineTensor, HostTensor } from '../engine.js';
import { freeNow } from './free-now.js';
import type { Transfer } from './transfer.js';

/** A tensor of ONNX Runtime, in Node's memory or in the device's. */
export class OnnxTensor implements EngineTensor {
  /** Runs going on that read this tensor. */
  private running = 0;
  private wasFed = false;
  private moved: Promise<Tensor> | undefined;
  private isDisposed = false;

  constructor(private tensor: Tensor) {}

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

  assertAlive(): void {
    if (this.isDisposed) throw new ClvError('INTERNAL', 'This tensor was disposed of and cannot be used any more.');
  }

  /** The runtime's tensor, kept alive until `release`, even if the owner disposes of it meanwhile. */
  acquire(): Tensor {
    this.assertAlive();
    this.running += 1;
    return this.tensor;
  }

  release(): void {
    this.running -= 1;
    this.freeWhenIdle();
  }

  /**
   * The tensor to feed to a run. The second time it moves to the device first: weights are fed to every run and
   * should cross the bus once, a batch is fed to one.
   */
  async settle(transfer: Transfer): Promise<Tensor> {
    const isFedAgain = this.wasFed;
    this.wasFed = true;
    if (!isFedAgain || this.tensor.location !== 'cpu') return this.tensor;
    this.moved ??= transfer.toDevice(this.tensor);
    this.tensor = await this.moved;
    return this.tensor;
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.freeWhenIdle();
  }

  private freeWhenIdle(): void {
    if (!this.isDisposed || this.running > 0) return;
    const numbers = this.tensor.location === 'cpu' ? this.tensor.data : undefined;
    this.tensor.dispose();
    if (ArrayBuffer.isView(numbers)) freeNow(numbers);
  }
}
