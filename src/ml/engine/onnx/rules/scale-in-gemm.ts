import { sizeOf } from '../../shapes.js';
import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';
import { binary, reshape, scalar } from '../operators.js';
import type { Rule } from '../rewrite.js';
import { operandsOf, productBehind } from './matching.js';
import { scaled } from './scalar-factors.js';

/**
 * A constant factor before or after a product is moved to the smallest tensor of the product, mostly a weight. (Gemm's own factor,
 * alpha, makes ONNX Runtime's product take twice as long.)
 */

const times = (graph: GraphBuilder, x: Value, factor: number): Value => binary(graph, 'Mul', x, scalar(graph, factor));

/** (a b + bias) c is a (b c) + bias c. */
export const scaleOfGemm: Rule = (node, rewriting) => {
  const { graph } = rewriting;
  const outer = scaled(node);
  const gemm = outer && productBehind(outer.x, rewriting);
  const [a, b, bias] = gemm?.inputs ?? [];
  if (outer === undefined || gemm === undefined || a === undefined || b === undefined) return undefined;
  const [left, right] = [sizeOf(a.shape), sizeOf(b.shape)];
  if (Math.min(left, right) >= sizeOf(node.output.shape)) return undefined;
  const inputs = left < right ? [times(graph, a, outer.factor), b] : [a, times(graph, b, outer.factor)];
  if (bias !== undefined) inputs.push(times(graph, bias, outer.factor));
  return reshape(graph, graph.node('Gemm', inputs, gemm.outputs[0]!, gemm.attributes), node.output.shape);
};

/** (a c) b is a (b c) or (a b) c; a may lie behind a reshape. */
export const scaleBeforeGemm: Rule = (node, { graph }) => {
  const { output } = node;
  const [a, b, bias] = node.inputs;
  if (node.op !== 'Gemm' || a === undefined || b === undefined) return undefined;
  for (const [operand, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const source = operandsOf(operand, 'Reshape')?.[0] ?? operand;
    const inner = scaled(source.producer);
    if (inner === undefined) continue;
    const x = reshape(graph, inner.x, operand.shape);
    const gemm = (second: Value): Value => {
      const inputs = operand === a ? [x, second] : [second, x];
      if (bias !== undefined) inputs.push(bias);
      return graph.node('Gemm', inputs, output, node.attributes);
    };
    if (sizeOf(other.shape) < sizeOf(x.shape)) return gemm(times(graph, other, inner.factor));
    if (bias === undefined && sizeOf(output.shape) < sizeOf(x.shape)) return times(graph, gemm(other), inner.factor);
  }
  return undefined;
};
