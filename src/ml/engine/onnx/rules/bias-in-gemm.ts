import { reshape } from '../operators.js';
import type { Rule } from '../rewrite.js';
import { bothWays, productBehind } from './matching.js';

/** a b + bias is one Gemm, which starts its sums from the bias; a reshape between must keep the rows. */
export const biasInGemm: Rule = (node, rewriting) => {
  if (node.op !== 'Add') return undefined;
  for (const [product, bias] of bothWays(node)) {
    const gemm = productBehind(product, rewriting);
    if (gemm === undefined || gemm.inputs.length > 2) continue;
    const output = gemm.outputs[0]!;
    const width = product.shape.at(-1);
    if (output.shape.at(-1) !== width || bias.shape.length !== 1 || bias.shape[0] !== width) continue;
    const sum = rewriting.graph.node('Gemm', [...gemm.inputs, bias], output, gemm.attributes);
    return reshape(rewriting.graph, sum, node.output.shape);
  }
  return undefined;
};
