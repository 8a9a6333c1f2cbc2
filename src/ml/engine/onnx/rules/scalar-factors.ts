import { sizeOf } from '../../shapes.js';
import { type GraphNode, splatOf, type Value } from '../graph.js';
import { binary, scalar } from '../operators.js';
import type { Candidate, Rule } from '../rewrite.js';

/** Products of factors stay within these, so that no merged factor overflows or vanishes in single precision. */
const smallestFactor = 1e-30;
const largestFactor = 1e30;

interface Scaled {
  readonly x: Value;
  readonly factor: number;
}

/** Reads x * c, c * x, x / c and -x as a tensor times a number. */
export function scaled(node: Candidate | GraphNode | undefined): Scaled | undefined {
  const [a, b] = node?.inputs ?? [];
  if (node === undefined || a === undefined || a.type !== 'float') return undefined;
  if (node.op === 'Neg') return { x: a, factor: -1 };
  if (b === undefined) return undefined;
  const [left, right] = [scalarOf(a), scalarOf(b)];
  if (node.op === 'Mul' && right !== undefined) return { x: a, factor: right };
  if (node.op === 'Mul' && left !== undefined) return { x: b, factor: left };
  if (node.op === 'Div' && right !== undefined && right !== 0) return { x: a, factor: 1 / right };
  return undefined;
}

function scalarOf(value: Value): number | undefined {
  return value.shape.length === 0 ? splatOf(value) : undefined;
}

/** (x * a) * b is x * ab, in whatever way the factors are written; a lone division becomes a product. */
export const mergeScalarFactors: Rule = (node, { graph }) => {
  const outer = scaled(node);
  if (outer === undefined) return undefined;
  const inner = scaled(outer.x.producer);
  if (inner === undefined && node.op !== 'Div') return undefined;
  const factor = outer.factor * (inner?.factor ?? 1);
  if (Math.abs(factor) < smallestFactor || Math.abs(factor) > largestFactor) return undefined;
  return binary(graph, 'Mul', inner?.x ?? outer.x, scalar(graph, factor));
};

/**
 * a * (b * c) is (a * b) * c, where the number c meets the next one, or (a * c) * b where a is the smaller tensor.
 * Worth it only if nothing else needs b * c.
 */
export const liftScalarFactors: Rule = (node, { graph, uses }) => {
  if (node.op !== 'Mul') return undefined;
  for (const [a, product] of [node.inputs, node.inputs.toReversed()]) {
    const inner = product === undefined || uses(product) > 1 ? undefined : scaled(product.producer);
    if (a === undefined || inner === undefined || splatOf(a) !== undefined) continue;
    if (sizeOf(inner.x.shape) < sizeOf(node.output.shape)) continue;
    const factor = scalar(graph, inner.factor);
    if (sizeOf(a.shape) < sizeOf(inner.x.shape)) return binary(graph, 'Mul', binary(graph, 'Mul', a, factor), inner.x);
    return binary(graph, 'Mul', binary(graph, 'Mul', a, inner.x), factor);
  }
  return undefined;
};

/** The sum of x * c is the sum of x, times c: one number a sum instead of one an element. */
export const scaleAfterSum: Rule = (node, { graph, uses }) => {
  const [x, axes] = node.inputs;
  if ((node.op !== 'ReduceSum' && node.op !== 'ReduceMean') || x === undefined || axes === undefined) return undefined;
  const inner = uses(x) > 1 ? undefined : scaled(x.producer);
  if (inner === undefined) return undefined;
  const sum = graph.node(node.op, [inner.x, axes], node.output, node.attributes);
  return binary(graph, 'Mul', sum, scalar(graph, inner.factor));
};
