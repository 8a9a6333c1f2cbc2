import { reshape } from '../operators.js';
import type { Rule } from '../rewrite.js';

/** A reshape of a reshape is one reshape, and one to the same shape is none. */
export const mergeReshapes: Rule = (node, { graph }) => {
  const [x] = node.inputs;
  const [output] = node.outputs;
  if (node.op !== 'Reshape' || x === undefined || output === undefined) return undefined;
  const source = x.producer?.op === 'Reshape' ? x.producer.inputs[0] : x;
  if (source === undefined) return undefined;
  const isSame =
    source === x && source.shape.length === output.shape.length && source.shape.every((n, i) => n === output.shape[i]);
  return source === x && !isSame ? undefined : [reshape(graph, source, output.shape)];
};
