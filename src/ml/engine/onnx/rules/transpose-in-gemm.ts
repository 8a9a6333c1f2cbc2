import { type Attribute, type Attributes, isSet, type Value } from '../graph.js';
import type { Rule } from '../rewrite.js';
import { operandsOf } from './matching.js';

const transposed = (value: Value): Value | undefined => operandsOf(value, 'Transpose')?.[0];

function flipped(attributes: Attributes, name: string): Attribute {
  return { i: isSet(attributes, name) ? 0 : 1 };
}

/**
 * A product reads its right matrix transposed rather than after a Transpose. Not its left one: the CPU's product would transpose it again
 * for every block of columns. Two transposes of a left one cancel.
 */
export const transposeInGemm: Rule = (node, { graph }) => {
  const [a, b, ...bias] = node.inputs;
  if (node.op !== 'Gemm' || a === undefined || b === undefined) return undefined;
  const [left, right] = [isSet(node.attributes, 'transA') ? transposed(a) : undefined, transposed(b)];
  if (left === undefined && right === undefined) return undefined;
  const attributes = {
    ...node.attributes,
    ...(left !== undefined && { transA: flipped(node.attributes, 'transA') }),
    ...(right !== undefined && { transB: flipped(node.attributes, 'transB') }),
  };
  return graph.node('Gemm', [left ?? a, right ?? b, ...bias], node.output, attributes);
};
