import { splatOf } from '../graph.js';
import type { Candidate, Rule } from '../rewrite.js';

/** Moving the elements of a uniform tensor about leaves it uniform. */
const layoutOperators: ReadonlySet<string> = new Set(['Reshape', 'Transpose', 'Expand', 'Slice', 'Tile']);

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Neg: (a) => -a,
  Sqrt: (a) => Math.sqrt(a),
  Reciprocal: (a) => 1 / a,
};

function folded({ op, inputs, output }: Candidate): number | undefined {
  const numbers = inputs.map(splatOf);
  const [a, b = 0] = numbers;
  if (a === undefined) return undefined;
  if (layoutOperators.has(op)) return a;
  // Integer division, and casts that round or saturate, are the runtime's business.
  if (output.type !== 'float') return undefined;
  if (op === 'Cast') return a;
  return numbers.includes(undefined) ? undefined : arithmetic[op]?.(a, b);
}

/** Arithmetic on uniform constants is done here, once. */
export const foldConstants: Rule = (node, { graph }) => {
  const number = folded(node);
  return number === undefined ? undefined : graph.splat(number, node.output.shape, node.output.type);
};
