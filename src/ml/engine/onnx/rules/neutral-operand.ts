import { splatOf, type Value } from '../graph.js';
import { expand } from '../operators.js';
import type { Candidate, Rule } from '../rewrite.js';

/** The operand that equals the result, because the other one changes nothing. */
function survivor({ op, inputs: [a, b] }: Candidate): Value | undefined {
  switch (op) {
    case 'Add':
      if (splatOf(b) === 0) return a;
      return splatOf(a) === 0 ? b : undefined;
    case 'Mul':
      if (splatOf(b) === 1) return a;
      return splatOf(a) === 1 ? b : undefined;
    case 'Sub':
      return splatOf(b) === 0 ? a : undefined;
    case 'Div':
      return splatOf(b) === 1 ? a : undefined;
    default:
      return undefined;
  }
}

/** x + 0, x * 1 and their like are x. */
export const neutralOperand: Rule = (node, { graph }) => {
  const kept = survivor(node);
  return kept && expand(graph, kept, node.output.shape);
};
