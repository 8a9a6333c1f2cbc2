import type { Value } from '../graph.js';
import type { GraphBuilder } from '../graph-builder.js';
import { binary, reshape, scalar, unary } from '../operators.js';

const NODES = 48;

/** Gauss-Legendre nodes and weights on [0, 1], by Newton's method on the Legendre polynomial. */
function gaussLegendre(count: number): { nodes: number[]; weights: number[] } {
  const nodes: number[] = [];
  const weights: number[] = [];
  for (let i = 0; i < count; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let iteration = 0; iteration < 20; iteration++) {
      let [previous, current] = [1, x];
      for (let n = 2; n <= count; n++)
        [previous, current] = [current, ((2 * n - 1) * x * current - (n - 1) * previous) / n];
      slope = (count * (x * current - previous)) / (x * x - 1);
      x -= current / slope;
    }
    nodes.push((1 - x) / 2);
    weights.push(1 / ((1 - x * x) * slope * slope));
  }
  return { nodes, weights };
}

/**
 * erf(x) = 2x/sqrt(pi) * integral of exp(-(xt)^2) for t from 0 to 1, by Gauss-Legendre quadrature.
 * Right to about 1e-12 for |x| < 6, which serves gradient checks in double precision.
 */
export function erfByQuadrature(graph: GraphBuilder, x: Value): Value {
  const { nodes, weights } = gaussLegendre(NODES);
  const squares = graph.dense(
    nodes.map((t) => -t * t),
    [1, NODES],
    'float',
  );
  const column = graph.dense(weights, [NODES, 1], 'float');
  const flat = reshape(graph, x, [x.shape.reduce((product, length) => product * length, 1), 1]);
  const integrand = unary(graph, 'Exp', binary(graph, 'Mul', binary(graph, 'Mul', flat, flat), squares));
  const integral = graph.node('MatMul', [integrand, column], { shape: flat.shape, type: 'float' });
  const scaled = binary(graph, 'Mul', binary(graph, 'Mul', flat, integral), scalar(graph, 2 / Math.sqrt(Math.PI)));
  return reshape(graph, scaled, x.shape);
}
