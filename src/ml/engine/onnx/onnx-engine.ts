import { InferenceSession } from 'onnxruntime-node';
import type {
  CompileOptions,
  Device,
  Engine,
  EngineTensor,
  HostTensor,
  Program,
  TensorData,
  TensorFunction,
  TensorSpec,
} from '../engine.js';
import { ClvError, reasonOf } from '../../../errors.js';
import { Transfer } from './transfer.js';
import { OnnxProgram } from './onnx-program.js';
import { OnnxTensor } from './onnx-tensor.js';
import { optimize } from './optimize.js';
import { PlacementProbe } from './placement.js';
import { observeProducts, quantiseProducts } from './quantise.js';
import { serialize } from './serialize.js';
import { trace } from './trace.js';

/** Bytes of the processor's cache per thread. Measured with one and two threads on cores that have 1 MB each and share 32 MB. */
const bytesOfThread = 5e6;

/** Traces each program once into an ONNX graph and lets ONNX Runtime execute it. */
export class OnnxEngine implements Engine {
  readonly name = 'onnx' as const;
  readonly comfortableBytes: number;
  private readonly transfer: Transfer;
  private readonly programs = new Set<OnnxProgram>();

  constructor(
    readonly device: Device,
    readonly description: string,
    private readonly options: InferenceSession.SessionOptions,
    readonly quantises = false,
  ) {
    this.transfer = new Transfer(options);
    this.comfortableBytes = device === 'cpu' ? bytesOfThread * (options.intraOpNumThreads ?? 1) : Infinity;
  }

  /** @throws ClvError `ENGINE_UNAVAILABLE` for an operation that cannot be traced. */
  async compile(
    fn: TensorFunction,
    inputs: Record<string, TensorSpec>,
    { quantise, observe = [] }: CompileOptions = {},
  ): Promise<Program> {
    const graph = optimize(trace(fn, inputs), (traced) =>
      observeProducts(quantise ? quantiseProducts(traced, quantise) : traced, observe),
    );
    // On an accelerator, what did not run there is worth knowing.
    const probe = this.device === 'cpu' ? undefined : new PlacementProbe(this.description);
    const session = await this.createSession(serialize(graph), probe);
    const program = new OnnxProgram(session, this.transfer, graph, (disposed) => this.programs.delete(disposed), probe);
    this.programs.add(program);
    return program;
  }

  upload(tensor: HostTensor): EngineTensor {
    return OnnxTensor.upload(tensor);
  }

  async read(tensor: EngineTensor): Promise<TensorData> {
    if (!(tensor instanceof OnnxTensor)) {
      throw new ClvError('INTERNAL', 'The onnx engine was asked to read a tensor of another engine.');
    }
    const source = tensor.acquire();
    try {
      const { data } = source.location === 'cpu' ? source : await this.transfer.toHost(source);
      if (data instanceof Float32Array || data instanceof Int32Array) return data.slice();
      throw new ClvError('INTERNAL', `A tensor of type ${source.type} left the onnx engine.`);
    } finally {
      tensor.release();
    }
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.programs].map((program) => program.dispose()));
    await this.transfer.dispose();
  }

  private async createSession(model: Uint8Array, probe: PlacementProbe | undefined): Promise<InferenceSession> {
    try {
      return await InferenceSession.create(model, { ...this.options, ...probe?.options });
    } catch (error) {
      probe?.remove();
      const reason = reasonOf(error);
      throw new ClvError('ENGINE_UNAVAILABLE', `ONNX Runtime opened no session: ${reason}`, {
        cause: error,
      });
    }
  }
}
