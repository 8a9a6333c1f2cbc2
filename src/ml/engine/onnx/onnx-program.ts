import { Tensor, type InferenceSession } from 'onnxruntime-node';
import { ClvError } from '../../../errors.js';
import type { EngineTensor, EngineTensors, Program, TensorSpec } from '../engine.js';
import { sameShape } from '../shapes.js';
import type { Graph } from './graph.js';
import { OnnxTensor } from './onnx-tensor.js';
import type { PlacementProbe } from './placement.js';
import { inputName, outputName } from './serialize.js';
import type { Transfer } from './transfer.js';

/** A traced graph in an ONNX Runtime session. */
export class OnnxProgram implements Program {
  private readonly inputs: readonly [string, TensorSpec][];
  private readonly outputs: readonly string[];
  private readonly running = new Set<Promise<EngineTensors>>();
  private isDisposed = false;

  constructor(
    private readonly session: InferenceSession,
    private readonly transfer: Transfer,
    graph: Graph,
    private readonly onDispose: (program: OnnxProgram) => void,
    private readonly probe: PlacementProbe | undefined,
  ) {
    this.inputs = [...graph.inputs].map(([name, { shape, type }]) => [
      name,
      { shape, dtype: type === 'int32' ? 'int32' : 'float32' },
    ]);
    this.outputs = [...graph.outputs.keys()];
  }

  async run(inputs: EngineTensors): Promise<EngineTensors> {
    if (this.isDisposed) throw new ClvError('INTERNAL', 'This program was disposed of and cannot run any more.');
    const tensors = this.inputs.map(([name, spec]) => checked(inputs[name], name, spec));
    const running = this.runOn(tensors);
    this.running.add(running);
    return running.finally(() => this.running.delete(running));
  }

  /** Waits for runs that are under way: the runtime would not survive losing a session in use. */
  async dispose(): Promise<void> {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.onDispose(this);
    await Promise.allSettled(this.running);
    await this.session.release();
    this.probe?.remove();
  }

  private async runOn(tensors: readonly OnnxTensor[]): Promise<EngineTensors> {
    for (const tensor of tensors) tensor.acquire();
    try {
      const feeds: Record<string, Tensor> = {};
      for (const [i, [name]] of this.inputs.entries()) feeds[inputName(name)] = await tensors[i]!.settle(this.transfer);
      const results = await this.session.run(feeds);
      this.probe?.publish(this.session);
      return this.named(results);
    } finally {
      for (const tensor of tensors) tensor.release();
    }
  }

  private named(results: InferenceSession.ReturnType): EngineTensors {
    const outputs: EngineTensors = {};
    for (const name of this.outputs) {
      const result = results[outputName(name)];
      if (!(result instanceof Tensor))
        throw new ClvError('INTERNAL', `ONNX Runtime gave no tensor for output ${name}.`);
      outputs[name] = new OnnxTensor(result);
    }
    return outputs;
  }
}

function checked(tensor: EngineTensor | undefined, name: string, spec: TensorSpec): OnnxTensor {
  const expected = `${spec.dtype} [${spec.shape.join(', ')}]`;
  if (!(tensor instanceof OnnxTensor)) {
    throw new ClvError(
      'INTERNAL',
      `The program's input ${name} (${expected}) must be a tensor that this engine uploaded or computed.`,
    );
  }
  tensor.assertAlive();
  if (tensor.dtype !== spec.dtype || !sameShape(tensor.shape, spec.shape)) {
    const given = `${tensor.dtype} [${tensor.shape.join(', ')}]`;
    throw new ClvError('INTERNAL', `The program's input ${name} was compiled as ${expected} but is ${given}.`);
  }
  return tensor;
}
