import type { Value } from '../graph.js';
import { binary } from '../operators.js';
import type { Rule } from '../rewrite.js';

function negated(value: Value): Value | undefined {
  return value.producer?.op === 'Neg' ? value.producer.inputs[0] : undefined;
}

/** a + (-b) is a - b, and a - (-b) is a + b. */
export const signs: Rule = (node, { graph }) => {
  const [a, b] = node.inputs;
  if ((node.op !== 'Add' && node.op !== 'Sub') || a === undefined || b === undefined) return undefined;
  const minusB = negated(b);
  if (minusB !== undefined) return [binary(graph, node.op === 'Add' ? 'Sub' : 'Add', a, minusB)];
  const minusA = node.op === 'Add' ? negated(a) : undefined;
  return minusA === undefined ? undefined : [binary(graph, 'Sub', b, minusA)];
};
