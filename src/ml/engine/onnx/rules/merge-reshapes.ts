import { sameShape } from '../../shapes.js';
import { reshape } from '../operators.js';
import type { Rule } from '../rewrite.js';

/** A reshape of a reshape is one reshape, and one to the same shape is none. */
export const mergeReshapes: Rule = (node, { graph }) => {
  const [x] = node.inputs;
  const [output] = node.outputs;
  if (node.op !== 'Reshape' || x === undefined || output === undefined) return undefined;
  const source = x.producer?.op === 'Reshape' ? x.producer.inputs[0] : x;
  if (source === undefined) return undefined;
  if (source === x && !sameShape(x.shape, output.shape)) return undefined;
  return [reshape(graph, source, output.shape)];
};
