import type { Tensor } from '@tensorflow/tfjs-core';

/** Element types that cross the boundary between Node and an engine. */
export type DType = 'float32' | 'int32';
export type TensorData = Float32Array | Int32Array;

/** Shape (row-major, static) and element type of one input of a program. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** Values in Node's memory together with their shape. */
export interface HostTensor extends TensorSpec {
  readonly data: TensorData;
}

/** A tensor that lives in the engine's runtime. Feed it to `Program.run`, read it with `Engine.read`. */
export interface EngineTensor extends TensorSpec {
  /** Frees the runtime's memory. Calling it twice is harmless. */
  dispose(): void;
}

export type EngineTensors = Record<string, EngineTensor>;

/**
 * A pure function of named tensors, written in TensorFlow.js operations.
 * It may call `tf.valueAndGrads`: that is how training steps are written.
 */
export type TensorFunction = (inputs: Record<string, Tensor>) => Record<string, Tensor>;

/** A `TensorFunction` made ready to run for fixed input shapes. */
export interface Program {
  /** Runs once. Inputs are not consumed; the caller owns the outputs. */
  run(inputs: EngineTensors): Promise<EngineTensors>;
  dispose(): Promise<void>;
}

/** `cuda` and `webgpu` are accelerators; `cpu` is always there. */
export type Device = 'cpu' | 'webgpu' | 'cuda';

/** Smallest and largest number that reached a product. */
export type Range = readonly [lowest: number, highest: number];

/** Products with weights that never change, in 8-bit integers. */
export interface Quantisation {
  /** Weights [out, in] by the names of their inputs; the program no longer has these inputs. */
  readonly weights: Record<string, HostTensor>;
  /** Range of what each weight is multiplied with, by the same names; numbers outside are clipped. */
  readonly ranges: Readonly<Record<string, Range>>;
}

export interface CompileOptions {
  /** Only where `Engine.quantises`. */
  readonly quantise?: Quantisation;
  /**
   * Inputs [out, in]. For each, two more outputs, `lowest:<name>` and `highest:<name>`, each [1], have the range of what it is multiplied
   * with. Only where `Engine.quantises`.
   */
  readonly observe?: readonly string[];
}

/** Executes the model. The model, its loss and its optimizer are written once; engines differ only in how they run. */
export interface Engine {
  readonly name: 'onnx' | 'tensorflow';
  readonly device: Device;
  /** For people: runtime, version and adapter, e.g. `ONNX Runtime 1.30.0, CPU, 2 threads`. */
  readonly description: string;
  /** Whether it has products of 8-bit integers that are fast enough to be worth their error. */
  readonly quantises: boolean;
  /** Most bytes that the largest tensor of a program should have, so that operators find each other's outputs in the cache. */
  readonly comfortableBytes: number;
  compile(fn: TensorFunction, inputs: Record<string, TensorSpec>, options?: CompileOptions): Promise<Program>;
  upload(tensor: HostTensor): EngineTensor;
  /** A copy of the tensor's numbers: it stays as it is, whatever runs afterwards. */
  read(tensor: EngineTensor): Promise<TensorData>;
  dispose(): Promise<void>;
}
