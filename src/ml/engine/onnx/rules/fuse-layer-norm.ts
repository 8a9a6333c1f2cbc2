import { splatOf, type Value } from '../graph.js';
import type { Rewriting, Rule } from '../rewrite.js';
import { bothWays, operandsOf } from './matching.js';

interface Normalised {
  readonly x: Value;
  readonly epsilon: number;
}

/** x, if the value is the mean of x over its last axis, which is kept. */
function meanOverLast(value: Value | undefined): Value | undefined {
  const [x, axes] = operandsOf(value, 'ReduceMean') ?? [];
  if (value === undefined || x === undefined || value.shape.length !== x.shape.length) return undefined;
  const constant = axes?.constant;
  const axis = constant && ('splat' in constant ? constant.splat : constant.dense[0]);
  return axes?.shape[0] === 1 && axis === x.shape.length - 1 ? x : undefined;
}

/** epsilon, if the value is 1 / sqrt(mean of squares of `centred` + epsilon). */
function epsilonOf(value: Value, centred: Value): number | undefined {
  const [root] = operandsOf(value, 'Reciprocal') ?? [];
  const [sum] = operandsOf(root, 'Sqrt') ?? [];
  const [variance, epsilon] = operandsOf(sum, 'Add') ?? [];
  const [a, b] = operandsOf(meanOverLast(variance), 'Mul') ?? [];
  return a === centred && b === centred ? splatOf(epsilon) : undefined;
}

/** x and epsilon, if the value is (x - mean) / sqrt(variance + epsilon) and no gradient needs a part of it. */
function normalisedBy(value: Value, { uses }: Rewriting): Normalised | undefined {
  if (value.producer?.op !== 'Mul' || uses(value) > 1) return undefined;
  for (const [centred, scale] of bothWays(value.producer)) {
    const [x, mean] = operandsOf(centred, 'Sub') ?? [];
    const epsilon = epsilonOf(scale, centred);
    // Two uses by the square, one by the product.
    const isShared = uses(centred) > 3 || uses(scale) > 1;
    if (x !== undefined && meanOverLast(mean) === x && epsilon !== undefined && !isShared) return { x, epsilon };
  }
  return undefined;
}

/** Layer normalisation over the last axis (Ba, Kiros & Hinton 2016) with its scale and shift is one operator. */
export const fuseLayerNorm: Rule = (node, rewriting) => {
  if (node.op !== 'Add') return undefined;
  for (const [product, shift] of bothWays(node)) {
    if (product.producer?.op !== 'Mul' || rewriting.uses(product) > 1) continue;
    for (const [value, scale] of bothWays(product.producer)) {
      const width = node.output.shape.at(-1);
      const areVectors = [scale, shift].every((vector) => vector.shape.length === 1 && vector.shape[0] === width);
      const normalised = areVectors ? normalisedBy(value, rewriting) : undefined;
      if (normalised === undefined) continue;
      const attributes = { axis: { i: -1 }, epsilon: { f: normalised.epsilon } };
      return rewriting.graph.node('LayerNormalization', [normalised.x, scale, shift], node.output, attributes);
    }
  }
  return undefined;
};
