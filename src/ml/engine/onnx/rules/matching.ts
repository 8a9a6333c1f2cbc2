import { type GraphNode, splatOf, type Value } from '../graph.js';
import type { Candidate, Rewriting } from '../rewrite.js';

/** The operands of a value's producer, if that is such an operator. */
export function operandsOf(value: Value | undefined, op: string): readonly Value[] | undefined {
  return value?.producer?.op === op ? value.producer.inputs : undefined;
}

/** The product that a value is, or is a reshape of, if both have no other use. */
export function productBehind(value: Value, { uses }: Rewriting): GraphNode | undefined {
  const source = operandsOf(value, 'Reshape')?.[0] ?? value;
  const isShared = uses(value) !== 1 || uses(source) !== 1;
  return !isShared && source.producer?.op === 'Gemm' ? source.producer : undefined;
}

/** Both ways to name the operands of a commutative operator. */
export function bothWays(node: Candidate | GraphNode): readonly (readonly [Value, Value])[] {
  const [a, b] = node.inputs;
  if (a === undefined || b === undefined) return [];
  return [
    [a, b],
    [b, a],
  ];
}

/** The other operand of a commutative operator, one of whose operands is the given number. */
export function besideNumber(value: Value | undefined, op: string, number: number): Value | undefined {
  const node = value?.producer;
  if (node?.op !== op) return undefined;
  return bothWays(node).find(([, b]) => isNumber(b, number))?.[0];
}

export function isNumber(value: Value, number: number): boolean {
  const splat = splatOf(value);
  return splat !== undefined && Math.abs(splat - number) <= 1e-6 * Math.abs(number);
}
