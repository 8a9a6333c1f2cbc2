import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import type { Graph } from '../../../../src/ml/engine/onnx/graph.js';
import { optimize } from '../../../../src/ml/engine/onnx/optimize.js';
import { rewrite, type Rule } from '../../../../src/ml/engine/onnx/rewrite.js';
import { biasInGemm } from '../../../../src/ml/engine/onnx/rules/bias-in-gemm.js';
import { foldConstants } from '../../../../src/ml/engine/onnx/rules/fold-constants.js';
import { fuseGelu } from '../../../../src/ml/engine/onnx/rules/fuse-gelu.js';
import { fuseLayerNorm } from '../../../../src/ml/engine/onnx/rules/fuse-layer-norm.js';
import { mergeReshapes } from '../../../../src/ml/engine/onnx/rules/merge-reshapes.js';
import { mergeTransposes } from '../../../../src/ml/engine/onnx/rules/merge-transposes.js';
import { narrowElementwise } from '../../../../src/ml/engine/onnx/rules/narrow-elementwise.js';
import { neutralOperand } from '../../../../src/ml/engine/onnx/rules/neutral-operand.js';
import {
  liftScalarFactors,
  mergeScalarFactors,
  scaleAfterSum,
} from '../../../../src/ml/engine/onnx/rules/scalar-factors.js';
import { scaleBeforeGemm, scaleOfGemm } from '../../../../src/ml/engine/onnx/rules/scale-in-gemm.js';
import { signs } from '../../../../src/ml/engine/onnx/rules/signs.js';
import { transposeInGemm } from '../../../../src/ml/engine/onnx/rules/transpose-in-gemm.js';
import { inputName, outputName, serialize } from '../../../../src/ml/engine/onnx/serialize.js';
import { trace } from '../../../../src/ml/engine/onnx/trace.js';
import { activate } from '../../../../src/ml/model/layers.js';
import { floats, type Inputs } from '../support.js';

interface RuleCase {
  readonly name: string;
  readonly rule: Rule;
  readonly inputs: Inputs;
  readonly fn: (inputs: Record<string, Tensor>) => Tensor;
  /** The operators that are left after the rule has been applied until it no longer applies. */
  readonly left: string;
}

const x = floats([2, 3]);
const row = floats([3], -2, 2, 4);
const w = floats([4, 3], -1, 1, 6);

function of(name: string, rule: Rule, inputs: Inputs, fn: RuleCase['fn'], left: string): RuleCase {
  return { name, rule, inputs, fn, left };
}

const gelu = (t: Tensor): Tensor => activate(t, 'gelu');

function layerNorm(t: Tensor, scale: Tensor, shift: Tensor): Tensor {
  const centred = tf.sub(t, tf.mean(t, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), scale), shift);
}

const cases: RuleCase[] = [
  of(
    'a broadcast operand',
    narrowElementwise,
    { x, row },
    (t) => tf.add(t['x']!, tf.broadcastTo(t['row']!, [2, 3])),
    'Reshape Add',
  ),
  of(
    'a dense uniform operand',
    narrowElementwise,
    { x },
    (t) => tf.mul(t['x']!, tf.tensor(Array<number>(6).fill(2), [2, 3])),
    'Mul',
  ),
  of(
    'only broadcast operands',
    narrowElementwise,
    { row },
    (t) => tf.exp(tf.broadcastTo(t['row']!, [2, 3])),
    'Reshape Exp Expand',
  ),
  of('x + 0', neutralOperand, { x }, (t) => tf.exp(tf.add(0, t['x']!)), 'Exp'),
  of('x * 1', neutralOperand, { x }, (t) => tf.exp(tf.mul(t['x']!, tf.ones([2, 3]))), 'Exp'),
  of('x / 1', neutralOperand, { x }, (t) => tf.exp(tf.div(t['x']!, 1)), 'Exp'),
  of('row * ones spreads the row', neutralOperand, { row }, (t) => tf.mul(t['row']!, tf.ones([2, 3])), 'Expand'),
  of('0 - x stays', neutralOperand, { x }, (t) => tf.sub(0, t['x']!), 'Sub'),
  of('uniform constants', foldConstants, { x }, (t) => tf.mul(t['x']!, tf.sqrt(tf.add(tf.scalar(3), 1))), 'Mul'),
  of(
    'reshapes in a row',
    mergeReshapes,
    { x },
    (t) => tf.exp(tf.reshape(tf.reshape(t['x']!, [6]), [3, 2])),
    'Reshape Exp',
  ),
  of(
    'a reshape there and back',
    mergeReshapes,
    { x },
    (t) => tf.exp(tf.reshape(tf.reshape(t['x']!, [6]), [2, 3])),
    'Exp',
  ),
  of('transposes there and back', mergeTransposes, { x }, (t) => tf.exp(tf.transpose(tf.transpose(t['x']!))), 'Exp'),
  of(
    'transposes in a row',
    mergeTransposes,
    { x: floats([2, 3, 4]) },
    (t) => tf.exp(tf.transpose(tf.transpose(t['x']!, [1, 0, 2]), [0, 2, 1])),
    'Transpose Exp',
  ),
  of(
    'a transpose of one row',
    mergeTransposes,
    { x: floats([1, 3]) },
    (t) => tf.exp(tf.transpose(t['x']!)),
    'Reshape Exp',
  ),
  of('factors in a row', mergeScalarFactors, { x }, (t) => tf.neg(tf.div(tf.mul(t['x']!, 3), 4)), 'Mul'),
  of('a lone division', mergeScalarFactors, { x }, (t) => tf.div(t['x']!, 8), 'Mul'),
  of('factors that would overflow', mergeScalarFactors, { x }, (t) => tf.mul(tf.mul(t['x']!, 1e-25), 1e-10), 'Mul Mul'),
  of(
    'a factor inside a product',
    liftScalarFactors,
    { x, y: floats([2, 3], -2, 2, 8) },
    (t) => tf.mul(t['x']!, tf.mul(t['y']!, 3)),
    'Mul Mul',
  ),
  of('a factor under a sum', scaleAfterSum, { x }, (t) => tf.sum(tf.mul(t['x']!, 3)), 'ReduceSum Mul'),
  of('a sign under a mean', scaleAfterSum, { x }, (t) => tf.mean(tf.neg(t['x']!), 1), 'ReduceMean Mul'),
  of('a + (-b)', signs, { x, row }, (t) => tf.add(t['x']!, tf.neg(t['row']!)), 'Sub'),
  of('(-a) + b', signs, { x, row }, (t) => tf.add(tf.neg(t['x']!), t['row']!), 'Sub'),
  of('a - (-b)', signs, { x, row }, (t) => tf.sub(t['x']!, tf.neg(t['row']!)), 'Add'),
  of('a transposed factor', transposeInGemm, { x, w }, (t) => tf.matMul(t['x']!, tf.transpose(t['w']!)), 'Gemm'),
  of(
    'a left factor, which stays transposed before',
    transposeInGemm,
    { x: floats([3, 2]), w },
    (t) => tf.matMul(tf.transpose(t['x']!), t['w']!, false, true),
    'Transpose Gemm',
  ),
  of(
    'a left factor transposed there and back',
    transposeInGemm,
    { x, w },
    (t) => tf.matMul(tf.transpose(t['x']!), t['w']!, true, true),
    'Gemm',
  ),
  of(
    'a factor transposed twice',
    transposeInGemm,
    { x, w },
    (t) => tf.matMul(t['x']!, tf.transpose(tf.reshape(t['w']!, [3, 4])), false, true),
    'Reshape Gemm',
  ),
  of(
    'a bias',
    biasInGemm,
    { x, w, bias: floats([4]) },
    (t) => tf.add(tf.matMul(t['x']!, t['w']!, false, true), t['bias']!),
    'Gemm',
  ),
  of(
    'a bias behind a reshape',
    biasInGemm,
    { x, w, bias: floats([4]) },
    (t) => tf.add(t['bias']!, tf.reshape(tf.matMul(t['x']!, t['w']!, false, true), [1, 2, 4])),
    'Gemm Reshape',
  ),
  of(
    'no bias if the product is needed by itself',
    biasInGemm,
    { x, w, bias: floats([4]) },
    (t) => {
      const product = tf.matMul(t['x']!, t['w']!, false, true);
      return tf.mul(tf.add(product, t['bias']!), product);
    },
    'Gemm Add Mul',
  ),
  of(
    'a scaled product',
    scaleOfGemm,
    { many: floats([9, 3]), w },
    (t) => tf.mul(tf.reshape(tf.matMul(t['many']!, t['w']!, false, true), [36]), 3),
    'Mul Gemm Reshape',
  ),
  of(
    'a scaled factor beside a smaller one',
    scaleBeforeGemm,
    { many: floats([9, 3]), w },
    (t) => tf.matMul(tf.mul(t['many']!, 3), t['w']!, false, true),
    'Mul Gemm',
  ),
  of(
    'scaled factors of a small product',
    scaleBeforeGemm,
    { many: floats([9, 2]), more: floats([9, 3]) },
    (t) => tf.matMul(tf.mul(t['many']!, 3), t['more']!, true, false),
    'Gemm Mul',
  ),
  of('gelu', fuseGelu, { x }, (t) => gelu(t['x']!), 'Gelu'),
  of(
    'no gelu with another constant',
    fuseGelu,
    { x },
    (t) => tf.mul(tf.mul(t['x']!, 0.4), tf.add(tf.erf(t['x']!), 1)),
    'Mul Erf Add Mul',
  ),
  of(
    'layer norm',
    fuseLayerNorm,
    { x, row, shift: floats([3], -1, 1, 9) },
    (t) => layerNorm(t['x']!, t['row']!, t['shift']!),
    'LayerNormalization',
  ),
];

async function evaluate(graph: Graph, inputs: Inputs): Promise<number[]> {
  const session = await InferenceSession.create(serialize(graph), { graphOptimizationLevel: 'disabled' });
  const feeds = Object.entries(inputs).map(([name, { data, shape }]) => [
    inputName(name),
    new OrtTensor('float32', Float32Array.from(data), shape),
  ]);
  const results = await session.run(Object.fromEntries(feeds));
  return Array.from(results[outputName('y')]!.data as Float32Array);
}

function applied(graph: Graph, rule: Rule): Graph {
  let current = graph;
  for (let pass = 0; pass < 5; pass++) current = rewrite(current, [rule]).graph;
  return current;
}

describe.each(cases)('$name', ({ rule, inputs, fn, left }) => {
  it('leaves these operators and the same numbers', async () => {
    const before = trace((tensors) => ({ y: fn(tensors) }), inputs);
    const after = applied(before, rule);
    expect(after.nodes.map((node) => node.op).join(' ')).toBe(left);
    const [expected, actual] = [await evaluate(before, inputs), await evaluate(after, inputs)];
    expect(actual).toHaveLength(expected.length);
    actual.forEach((number, i) => expect(number).toBeCloseTo(expected[i]!, 5));
  });
});

describe('optimize', () => {
  it('drops what no output needs', () => {
    const graph = trace(
      ({ x: t }) => {
        tf.exp(t!);
        return { y: tf.neg(t!) };
      },
      { x },
    );
    expect(optimize(graph).nodes.map((node) => node.op)).toEqual(['Neg']);
  });

  it('leaves the parts of GELU that its gradient needs', () => {
    const graph = trace(({ x: t }) => ({ y: gelu(t!), dx: tf.grad(gelu)(t!) }), { x });
    expect(optimize(graph).nodes.map((node) => node.op)).not.toContain('Gelu');
  });

  it('makes the gradient of a mean of squares one operator', () => {
    const graph = trace(({ x: t }) => ({ dx: tf.grad((z) => tf.mean(tf.square(z)))(t!) }), { x });
    expect(optimize(graph).nodes.map((node) => node.op)).toEqual(['Mul']);
  });

  it('stays the same if nothing applies', () => {
    const graph = optimize(trace(({ x: t }) => ({ y: tf.exp(t!) }), { x }));
    expect(optimize(graph).nodes.map((node) => node.op)).toEqual(['Exp']);
  });
});
