import { sizeOf } from '../../shapes.js';
import { splatOf, type Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';
import { broadcastShape, expand } from '../operators.js';
import type { Rule } from '../rewrite.js';
import { operandsOf } from './matching.js';

/** Operators that compute each element from the elements at the same place, with broadcasting. */
const elementwise: ReadonlySet<string> = new Set(
  (
    'Neg Abs Exp Log Sqrt Cos Reciprocal Sigmoid Tanh Relu Erf Cast ' +
    'Add Sub Mul Div Max Min And Where Equal Greater GreaterOrEqual LessOrEqual'
  ).split(' '),
);

/** The operand before it was spread over a larger shape: operators broadcast by themselves. */
function narrow(graph: GraphBuilder, operand: Value): Value {
  const splat = splatOf(operand);
  if (splat !== undefined) return graph.splat(splat, [], operand.type);
  return operandsOf(operand, 'Expand')?.[0] ?? operand;
}

/**
 * op(Expand(a), b) is op(a, b), expanded afterwards if the result is still too small. Gradients of sums and means
 * are made of such operands, and uniform constants come as large as the tensors that they meet.
 */
export const narrowElementwise: Rule = (node, { graph }) => {
  const { output } = node;
  if (!elementwise.has(node.op)) return undefined;
  const inputs = node.inputs.map((operand) => narrow(graph, operand));
  if (inputs.every((operand, i) => sizeOf(operand.shape) === sizeOf(node.inputs[i]!.shape))) return undefined;
  const shape = inputs.map((operand) => operand.shape).reduce(broadcastShape);
  const result = graph.node(node.op, inputs, { shape, type: output.type }, node.attributes, node.domain);
  return expand(graph, result, output.shape);
};
