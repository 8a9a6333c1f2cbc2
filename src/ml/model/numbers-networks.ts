import { zeros } from './adamw.js';
import { numbersWidth } from './head.js';
import type { ModelSpec } from './spec.js';
import { type HostWeights, numbersHeadShapes } from './weights.js';

/**
 * Combines networks on numbers into one that returns the mean of their outputs and is as wide as all of them: `dense` has their units
 * below one another, `inner` their weights along its diagonal and zeros elsewhere, `delta` their last layers side by side, divided by
 * their number. An ensemble errs less than its members do (Lakshminarayanan, Pritzel & Blundell 2017, "Simple and scalable predictive
 * uncertainty estimation using deep ensembles").
 */
export function averageOfNetworks(spec: ModelSpec, networks: readonly HostWeights[]): HostWeights {
  const averaged = Object.fromEntries(
    Object.entries(numbersHeadShapes(spec)).map(([name, shape]) => [name, zeros(shape)] as const),
  );
  for (const [index, network] of networks.entries()) {
    for (const [name, { shape, data }] of Object.entries(network)) {
      const all = averaged[name]!;
      const columns = shape.at(-1)!;
      const [firstRow, firstColumn, share] = placeOf(name, index, networks.length);
      const allColumns = all.shape.at(-1)!;
      for (let i = 0; i < data.length; i++) {
        const [row, column] = shape.length === 1 ? [0, i] : [Math.floor(i / columns), i % columns];
        all.data[(row + firstRow) * allColumns + column + firstColumn]! += share * data[i]!;
      }
    }
  }
  return averaged;
}

/** Where the first element of a network's weight goes in the combined one, and the factor of its elements. */
function placeOf(name: string, index: number, count: number): readonly [row: number, column: number, share: number] {
  const first = index * numbersWidth;
  switch (name) {
    case 'head.numbers.dense.weight':
      return [first, 0, 1];
    case 'head.numbers.inner.weight':
      return [first, first, 1];
    case 'head.numbers.dense.bias':
    case 'head.numbers.inner.bias':
      return [0, first, 1];
    case 'head.numbers.delta.weight':
      return [0, first, 1 / count];
    default:
      return [0, 0, 1 / count];
  }
}
