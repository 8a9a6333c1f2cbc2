import onnxProto from 'onnx-proto';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { ClvError } from '../../../errors.js';
import { Lazy } from '../../../lazy.js';
import { irVersion, opset } from './serialize.js';

const { onnx } = onnxProto;

/** A model of one Identity, for tensors of one rank and type and any size. */
function identityModel(rank: number, elemType: number): Uint8Array {
  const shape = { dim: Array.from({ length: rank }, (_, i) => ({ dimParam: `d${i}` })) };
  const info = (name: string): onnxProto.onnx.IValueInfoProto => ({ name, type: { tensorType: { elemType, shape } } });
  const model = onnx.ModelProto.create({
    irVersion,
    opsetImport: [{ domain: '', version: opset }],
    graph: {
      name: 'transfer',
      input: [info('x')],
      output: [info('y')],
      node: [{ opType: 'Identity', input: ['x'], output: ['y'] }],
    },
  });
  return onnx.ModelProto.encode(model).finish();
}

/** Node's memory or the device's. */
type Place = 'cpu' | 'gpu-buffer';

/**
 * Moves tensors between Node's memory and the device's. It runs them through an Identity whose output is asked for
 * in the other place, because `Tensor.getData` of onnxruntime-node 1.30 ends the process for a tensor on a GPU.
 */
export class Transfer {
  private readonly sessions = new Map<string, Lazy<InferenceSession>>();

  constructor(private readonly options: InferenceSession.SessionOptions) {}

  /** A copy in Node's memory. */
  toHost(tensor: Tensor): Promise<Tensor> {
    return this.copy(tensor, 'cpu');
  }

  /** A copy in the memory of a device whose outputs stay there; on other devices the tensor itself. */
  async toDevice(tensor: Tensor): Promise<Tensor> {
    return this.options.preferredOutputLocation === 'gpu-buffer' ? this.copy(tensor, 'gpu-buffer') : tensor;
  }

  async dispose(): Promise<void> {
    const sessions = [...this.sessions.values()];
    this.sessions.clear();
    await Promise.all(sessions.map(async (session) => (await session.take())?.release()));
  }

  private async copy(tensor: Tensor, place: Place): Promise<Tensor> {
    const { y } = await (await this.sessionFor(tensor, place)).run({ x: tensor });
    if (y === undefined) throw new ClvError('INTERNAL', `ONNX Runtime gave no copy of a tensor in ${place}.`);
    return y;
  }

  private sessionFor({ dims, type }: Tensor, place: Place): Promise<InferenceSession> {
    const key = `${place}:${type}:${dims.length}`;
    const known = this.sessions.get(key);
    if (known) return known.get();
    const elemType = type === 'int32' ? onnx.TensorProto.DataType.INT32 : onnx.TensorProto.DataType.FLOAT;
    const options = { ...this.options, preferredOutputLocation: place };
    const session = new Lazy(() => InferenceSession.create(identityModel(dims.length, elemType), options));
    this.sessions.set(key, session);
    return session.get();
  }
}
