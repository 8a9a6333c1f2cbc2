import type { Value } from '../graph.js';
import { splatOf } from '../graph.js';
import { binary, scalar } from '../operators.js';
import type { Candidate, Rule } from '../rewrite.js';

/** Products of factors stay within these, so that no merged factor overflows or vanishes in single precision. */
const SMALLEST_FACTOR = 1e-30;
const LARGEST_FACTOR = 1e30;

interface Scaled {
  readonly x: Value;
  readonly factor: number;
}

/** Reads x * c, c * x, x / c and -x as a tensor times a number. */
function scaled(node: Pick<Candidate, 'op' | 'inputs'> | undefined): Scaled | undefined {
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
export const scalarFactors: Rule = (node, { graph }) => {
  const outer = scaled(node);
  if (outer === undefined) return undefined;
  const inner = scaled(outer.x.producer);
  if (inner === undefined && node.op !== 'Div') return undefined;
  const factor = outer.factor * (inner?.factor ?? 1);
  if (Math.abs(factor) < SMALLEST_FACTOR || Math.abs(factor) > LARGEST_FACTOR) return undefined;
  return [binary(graph, 'Mul', inner?.x ?? outer.x, scalar(graph, factor))];
};
