import type { Value } from '../graph.js';
import type { Rewriting, Rule } from '../rewrite.js';
import { besideNumber, bothWays, operandsOf } from './matching.js';

/** x, if the value is 1 + erf(x / sqrt 2) and serves nothing else (a gradient would need its parts anyway). */
function insideErf(value: Value, { uses }: Rewriting): Value | undefined {
  const erf = besideNumber(value, 'Add', 1);
  const [scaled] = operandsOf(erf, 'Erf') ?? [];
  if (erf === undefined || scaled === undefined) return undefined;
  const isShared = [value, erf, scaled].some((part) => uses(part) > 1);
  return isShared ? undefined : besideNumber(scaled, 'Mul', Math.SQRT1_2);
}

/** x / 2 * (1 + erf(x / sqrt 2)), as Hendrycks & Gimpel (2016) define GELU, is one operator. */
export const fuseGelu: Rule = (node, rewriting) => {
  const [output] = node.outputs;
  if (node.op !== 'Mul' || output === undefined) return undefined;
  for (const [half, rest] of bothWays(node)) {
    const x = besideNumber(half, 'Mul', 0.5);
    if (x === undefined || x !== insideErf(rest, rewriting)) continue;
    return [rewriting.graph.node('Gelu', [x], { shape: output.shape, type: output.type })];
  }
  return undefined;
};
