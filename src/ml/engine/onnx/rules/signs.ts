import { binary } from '../operators.js';
import type { Rule } from '../rewrite.js';
import { operandsOf } from './matching.js';

/** a + (-b) is a - b, and a - (-b) is a + b. */
export const signs: Rule = ({ op, inputs: [a, b] }, { graph }) => {
  if ((op !== 'Add' && op !== 'Sub') || a === undefined || b === undefined) return undefined;
  const minusB = operandsOf(b, 'Neg')?.[0];
  if (minusB !== undefined) return binary(graph, op === 'Add' ? 'Sub' : 'Add', a, minusB);
  const minusA = op === 'Add' ? operandsOf(a, 'Neg')?.[0] : undefined;
  return minusA && binary(graph, 'Sub', b, minusA);
};
