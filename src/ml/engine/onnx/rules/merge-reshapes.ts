import { sameShape } from '../../shapes.js';
import { reshape } from '../operators.js';
import type { Rule } from '../rewrite.js';
import { operandsOf } from './matching.js';

/** A reshape of a reshape is one reshape, and one to the same shape is none. */
export const mergeReshapes: Rule = ({ op, inputs: [x], output }, { graph }) => {
  if (op !== 'Reshape' || x === undefined) return undefined;
  const source = operandsOf(x, 'Reshape')?.[0] ?? x;
  if (source === x && !sameShape(x.shape, output.shape)) return undefined;
  return reshape(graph, source, output.shape);
};
