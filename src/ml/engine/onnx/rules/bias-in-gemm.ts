import type { GraphNode, Value } from '../graph.js';
import { reshape } from '../operators.js';
import type { Rewriting, Rule } from '../rewrite.js';

/** The product behind a value, if at most a reshape that keeps the rows lies between and nobody else needs either. */
function productOf(value: Value, { uses }: Rewriting): GraphNode | undefined {
  const [source] = value.producer?.op === 'Reshape' ? value.producer.inputs : [value];
  if (source === undefined || source.shape.at(-1) !== value.shape.at(-1)) return undefined;
  const isShared = uses(value) !== 1 || uses(source) !== 1;
  return isShared || source.producer?.op !== 'Gemm' || source.producer.inputs.length > 2 ? undefined : source.producer;
}

/** a b + bias is one Gemm, which starts its sums from the bias. */
export const biasInGemm: Rule = (node, rewriting) => {
  const [output] = node.outputs;
  if (node.op !== 'Add' || output === undefined) return undefined;
  for (const [product, bias] of [node.inputs, node.inputs.toReversed()]) {
    if (product === undefined || bias === undefined) continue;
    const gemm = productOf(product, rewriting);
    const width = product.shape.at(-1);
    if (gemm === undefined || bias.shape.length !== 1 || bias.shape[0] !== width) continue;
    const { shape, type } = gemm.outputs[0]!;
    const sum = rewriting.graph.node('Gemm', [...gemm.inputs, bias], { shape, type }, gemm.attributes);
    return [reshape(rewriting.graph, sum, output.shape)];
  }
  return undefined;
};
