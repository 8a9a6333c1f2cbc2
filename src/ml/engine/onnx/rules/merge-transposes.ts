import type { Candidate, Rule } from '../rewrite.js';
import { reshape, transpose } from '../operators.js';
import type { GraphNode } from '../graph.js';

function permOf(node: Candidate | GraphNode): readonly number[] {
  const perm = node.attributes['perm'];
  return perm !== undefined && 'ints' in perm ? perm.ints : [];
}

/** True if the axes that have more than one element keep their order, so that no element moves. */
function movesNothing(shape: readonly number[], perm: readonly number[]): boolean {
  const moved = perm.filter((axis) => shape[axis] !== 1);
  return moved.every((axis, i) => i === 0 || axis > moved[i - 1]!);
}

/** Transposes in a row are one; a transpose that moves nothing is a reshape. */
export const mergeTransposes: Rule = (node, { graph }) => {
  const [x] = node.inputs;
  if (node.op !== 'Transpose' || x === undefined) return undefined;
  const perm = permOf(node);
  if (movesNothing(x.shape, perm)) return reshape(graph, x, node.output.shape);
  const { producer } = x;
  const source = producer?.op === 'Transpose' ? producer.inputs[0] : undefined;
  if (producer === undefined || source === undefined) return undefined;
  const inner = permOf(producer);
  return transpose(
    graph,
    source,
    perm.map((axis) => inner[axis] ?? axis),
  );
};
