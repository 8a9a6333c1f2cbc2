import { sizeOf } from '../../shapes.js';
import type { GraphNode, Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';
import { binary, reshape, scalar } from '../operators.js';
import type { Rewriting, Rule } from '../rewrite.js';
import { scaled } from './scalar-factors.js';

/**
 * A number that an activation is multiplied by on its way into or out of a product goes to the product's smallest
 * tensor, which mostly is a weight. (Gemm's own factor, alpha, makes ONNX Runtime's product take twice as long.)
 */

/** The product behind a value and at most a reshape, if nobody else needs either. */
function productOf(value: Value, { uses }: Rewriting): GraphNode | undefined {
  const [source] = value.producer?.op === 'Reshape' ? value.producer.inputs : [value];
  const gemm = source?.producer?.op === 'Gemm' ? source.producer : undefined;
  return source === undefined || uses(value) !== 1 || uses(source) !== 1 ? undefined : gemm;
}

const times = (graph: GraphBuilder, x: Value, factor: number): Value => binary(graph, 'Mul', x, scalar(graph, factor));

/** (a b + bias) c is a (b c) + bias c. */
export const scaleOfGemm: Rule = (node, rewriting) => {
  const { graph } = rewriting;
  const [output] = node.outputs;
  const outer = scaled(node);
  const gemm = outer === undefined ? undefined : productOf(outer.x, rewriting);
  const [a, b, bias] = gemm?.inputs ?? [];
  if (output === undefined || outer === undefined || gemm === undefined || a === undefined || b === undefined) {
    return undefined;
  }
  const [left, right] = [sizeOf(a.shape), sizeOf(b.shape)];
  if (Math.min(left, right) >= sizeOf(output.shape)) return undefined;
  const inputs = left < right ? [times(graph, a, outer.factor), b] : [a, times(graph, b, outer.factor)];
  if (bias !== undefined) inputs.push(times(graph, bias, outer.factor));
  const { shape, type } = gemm.outputs[0]!;
  return [reshape(graph, graph.node('Gemm', inputs, { shape, type }, gemm.attributes), output.shape)];
};

/** (a c) b is a (b c) or (a b) c; a may lie behind a reshape. */
export const scaleBeforeGemm: Rule = (node, { graph }) => {
  const [a, b, bias] = node.inputs;
  const [output] = node.outputs;
  if (node.op !== 'Gemm' || a === undefined || b === undefined || output === undefined) return undefined;
  for (const [operand, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const [source] = operand.producer?.op === 'Reshape' ? operand.producer.inputs : [operand];
    const inner = scaled(source?.producer);
    if (inner === undefined) continue;
    const x = reshape(graph, inner.x, operand.shape);
    const gemm = (second: Value): Value => {
      const inputs = operand === a ? [x, second] : [second, x];
      if (bias !== undefined) inputs.push(bias);
      return graph.node('Gemm', inputs, { shape: output.shape, type: output.type }, node.attributes);
    };
    if (sizeOf(other.shape) < sizeOf(x.shape)) return [gemm(times(graph, other, inner.factor))];
    if (bias === undefined && sizeOf(output.shape) < sizeOf(x.shape)) return [times(graph, gemm(other), inner.factor)];
  }
  return undefined;
};
