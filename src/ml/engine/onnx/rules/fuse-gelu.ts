import type { Value } from '../graph.js';
import type { Rewriting, Rule } from '../rewrite.js';
import { besideNumber, bothWays, isNumber, operandsOf } from './matching.js';

/** x, if `u` is x / sqrt 2 and `phi` is 1 + erf(u), and no gradient needs either. */
function insideErf(u: Value, phi: Value, { uses }: Rewriting): Value | undefined {
  const erf = besideNumber(phi, 'Add', 1);
  const isShared = uses(phi) > 1 || uses(u) > 2 || (erf !== undefined && uses(erf) > 1);
  return isShared || operandsOf(erf, 'Erf')?.[0] !== u ? undefined : besideNumber(u, 'Mul', Math.SQRT1_2);
}

/** u (1 + erf u) / sqrt 2 for u = x / sqrt 2, which is how the model writes GELU (Hendrycks & Gimpel 2016), is one operator. */
export const fuseGelu: Rule = (node, rewriting) => {
  if (node.op !== 'Mul') return undefined;
  const product = bothWays(node).find(([, number]) => isNumber(number, Math.SQRT1_2))?.[0];
  if (product?.producer?.op !== 'Mul' || rewriting.uses(product) > 1) return undefined;
  for (const [u, phi] of bothWays(product.producer)) {
    const x = insideErf(u, phi, rewriting);
    if (x !== undefined) return rewriting.graph.node('Gelu', [x], node.output);
  }
  return undefined;
};
