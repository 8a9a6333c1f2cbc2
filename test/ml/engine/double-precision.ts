import onnxProto from 'onnx-proto';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { TensorFunction, TensorSpec } from '../../../src/ml/engine/engine.js';
import type { Value } from '../../../src/ml/engine/onnx/graph.js';
import type { GraphBuilder } from '../../../src/ml/engine/onnx/graph-builder.js';
import { binary, reshape, scalar, unary } from '../../../src/ml/engine/onnx/operators.js';
import { optimize } from '../../../src/ml/engine/onnx/optimize.js';
import { rewrite, type Rule } from '../../../src/ml/engine/onnx/rewrite.js';
import { inputName, outputName, serialize } from '../../../src/ml/engine/onnx/serialize.js';
import { trace } from '../../../src/ml/engine/onnx/trace.js';
import { sizeOf } from '../../../src/ml/engine/shapes.js';
import { gaussLegendre } from '../../../src/gauss-legendre.js';

/**
 * A function traced and then run in double precision, for gradient checks by finite differences, of which single
 * precision leaves four digits at best. Only constants stay as single precision rounded them.
 */
export async function compileDouble(
  fn: TensorFunction,
  specs: Record<string, TensorSpec>,
): Promise<(inputs: Record<string, number[]>) => Promise<Record<string, number[]>>> {
  const graph = optimize(rewrite(trace(fn, specs), [erfInDouble]).graph);
  const session = await InferenceSession.create(inDouble(serialize(graph)), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  return async (inputs) => {
    const feeds: Record<string, Tensor> = {};
    for (const [name, { shape, dtype }] of Object.entries(specs)) {
      const numbers = inputs[name] ?? [];
      feeds[inputName(name)] =
        dtype === 'int32'
          ? new Tensor('int32', Int32Array.from(numbers), shape)
          : new Tensor('float64', Float64Array.from(numbers), shape);
    }
    const results = await session.run(feeds);
    return Object.fromEntries(
      [...graph.outputs.keys()].map((name) => [name, Array.from(results[outputName(name)]?.data as Float64Array)]),
    );
  };
}

const { onnx } = onnxProto;
const { FLOAT, DOUBLE } = onnx.TensorProto.DataType;

/** The ONNX model with DOUBLE wherever it has FLOAT. */
function inDouble(file: Uint8Array): Uint8Array {
  const model = onnx.ModelProto.decode(file);
  const { input, output, initializer, node } = model.graph!;
  for (const { type } of [...input!, ...output!]) {
    if (type!.tensorType!.elemType === FLOAT) type!.tensorType!.elemType = DOUBLE;
  }
  for (const tensor of initializer!) widen(tensor);
  for (const { opType, attribute } of node!) {
    for (const one of attribute!) {
      if (one.t) widen(one.t);
      if (opType === 'Cast' && Number(one.i) === FLOAT) one.i = DOUBLE;
    }
  }
  return onnx.ModelProto.encode(model).finish();
}

function widen(tensor: onnxProto.onnx.ITensorProto): void {
  if (tensor.dataType !== FLOAT) return;
  // A copy, since the file's bytes may lie at any address.
  const floats = new Float32Array(Uint8Array.from(tensor.rawData!).buffer);
  tensor.dataType = DOUBLE;
  tensor.rawData = new Uint8Array(Float64Array.from(floats).buffer);
}

const nodeCount = 48;

/** ONNX Runtime computes Erf in single precision only. */
const erfInDouble: Rule = ({ op, inputs: [x] }, { graph }) =>
  op === 'Erf' && x !== undefined ? erfByQuadrature(graph, x) : undefined;

/** erf(x) = 2x/sqrt(pi) * integral of exp(-(xt)^2) for t from 0 to 1, by Gauss-Legendre quadrature; for |x| < 6. */
function erfByQuadrature(graph: GraphBuilder, x: Value): Value {
  const { nodes, weights } = gaussLegendre(nodeCount);
  const squares = graph.dense(
    nodes.map((t) => -t * t),
    [1, nodeCount],
    'float',
  );
  const column = graph.dense(weights, [nodeCount, 1], 'float');
  const flat = reshape(graph, x, [sizeOf(x.shape), 1]);
  const integrand = unary(graph, 'Exp', binary(graph, 'Mul', binary(graph, 'Mul', flat, flat), squares));
  const integral = graph.node('MatMul', [integrand, column], { shape: flat.shape, type: 'float' });
  const scaled = binary(graph, 'Mul', binary(graph, 'Mul', flat, integral), scalar(graph, 2 / Math.sqrt(Math.PI)));
  return reshape(graph, scaled, x.shape);
}
