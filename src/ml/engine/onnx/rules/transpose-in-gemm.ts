import type { Attribute, Attributes, Value } from '../graph.js';
import type { Rule } from '../rewrite.js';

function transposed(value: Value | undefined): Value | undefined {
  return value?.producer?.op === 'Transpose' ? value.producer.inputs[0] : undefined;
}

export function isSet(attributes: Attributes, name: string): boolean {
  const flag = attributes[name];
  return flag !== undefined && 'i' in flag && flag.i === 1;
}

function flipped(attributes: Attributes, name: string): Attribute {
  return { i: isSet(attributes, name) ? 0 : 1 };
}

/**
 * A right matrix transposed for a product is read transposed by the product. A left one is not: the processor's product
 * would transpose it again for every block of columns. Two transposes of a left one cancel.
 */
export const transposeInGemm: Rule = (node, { graph }) => {
  const [a, b, ...bias] = node.inputs;
  const [output] = node.outputs;
  if (node.op !== 'Gemm' || a === undefined || b === undefined || output === undefined) return undefined;
  const [left, right] = [isSet(node.attributes, 'transA') ? transposed(a) : undefined, transposed(b)];
  if (left === undefined && right === undefined) return undefined;
  const attributes = {
    ...node.attributes,
    ...(left !== undefined && { transA: flipped(node.attributes, 'transA') }),
    ...(right !== undefined && { transB: flipped(node.attributes, 'transB') }),
  };
  return [graph.node('Gemm', [left ?? a, right ?? b, ...bias], { shape: output.shape, type: output.type }, attributes)];
};
