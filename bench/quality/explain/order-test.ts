import { mean } from '../../../src/math.js';
import type { ProgressReporter } from '../../../src/progress.js';
import { Random } from '../../../src/random.js';
import { amountsIn, type Explained } from './explained.js';
import type { Game, Games } from './game.js';
import { areaUnderCurve, deletionPath, type Estimate, estimate, insertionPath, orderByAmount } from './metrics.js';

const randomOrders = 10;
const gridSteps = 20;

/** Mean curves over customers, at equally spaced shares of what is removed or added. */
export interface Curves {
  readonly own: readonly number[];
  readonly random: readonly number[];
  readonly reversed: readonly number[];
}

export interface OrderTest {
  readonly own: Estimate;
  readonly random: Estimate;
  readonly reversed: Estimate;
  /** By how much the own order is better than random, and better than reversed: above 0 is better. */
  readonly overRandom: Estimate;
  readonly overReversed: Estimate;
  readonly curves: Curves;
}

interface Orders {
  readonly own: readonly number[];
  readonly reversed: readonly number[];
  readonly random: readonly (readonly number[])[];
}

/** Deletion and insertion of groups in the order of their amounts, against random orders and the reversed one. */
export async function orderTests(
  id: string,
  games: Games,
  explained: readonly Explained[],
  progress: ProgressReporter,
): Promise<{ deletion: OrderTest; insertion: OrderTest }> {
  const orders = new Map<Game, Orders>(
    explained.map((each) => {
      const own = orderByAmount(amountsIn(each));
      const random = new Random(`${id}/orders/${each.game.row.customerId}`);
      const others = Array.from({ length: randomOrders }, () => random.shuffle([...own]));
      return [each.game, { own, reversed: own.toReversed(), random: others }];
    }),
  );
  const paths = ({ own, reversed, random }: Orders) =>
    [own, reversed, ...random].flatMap((order) => [...deletionPath(order), ...insertionPath(order)]);
  await games.evaluate([...orders.keys()], (game) => paths(orders.get(game)!), progress);
  return {
    deletion: orderTest(`${id}/deletion`, orders, deletionPath, -1),
    insertion: orderTest(`${id}/insertion`, orders, insertionPath, 1),
  };
}

/** @param better 1 where a larger area is better, -1 where a smaller one is */
function orderTest(
  seed: string,
  orders: ReadonlyMap<Game, Orders>,
  path: typeof deletionPath,
  better: 1 | -1,
): OrderTest {
  const curves = [...orders].map(([game, { own, reversed, random }]) => {
    const known = [...game.values.values()];
    const [least, most] = [Math.min(...known), Math.max(...known)];
    // Of the customer's own range, so that everybody counts alike.
    const curve = (order: readonly number[]) =>
      onGrid(path(order).map((coalition) => (game.values.get(coalition)! - least) / (most - least || 1)));
    return { own: curve(own), reversed: curve(reversed), random: meanCurve(random.map(curve)) };
  });
  const areas = (name: keyof Curves) => curves.map((each) => areaUnderCurve(each[name]));
  const [own, random, reversed] = [areas('own'), areas('random'), areas('reversed')];
  const gain = (over: readonly number[]) => own.map((area, i) => better * (area - over[i]!));
  const average = (name: keyof Curves) => meanCurve(curves.map((each) => each[name]));
  return {
    own: estimate(own, seed),
    random: estimate(random, seed),
    reversed: estimate(reversed, seed),
    overRandom: estimate(gain(random), seed),
    overReversed: estimate(gain(reversed), seed),
    curves: { own: average('own'), random: average('random'), reversed: average('reversed') },
  };
}

/** Customers have different numbers of groups: all curves at the same shares of them. */
function onGrid(values: readonly number[]): number[] {
  return Array.from({ length: gridSteps + 1 }, (_, i) => {
    const position = (i / gridSteps) * (values.length - 1);
    const below = values[Math.floor(position)]!;
    return below + (position % 1) * (values[Math.ceil(position)]! - below);
  });
}

function meanCurve(curves: readonly (readonly number[])[]): number[] {
  return Array.from({ length: gridSteps + 1 }, (_, i) => mean(curves.map((curve) => curve[i]!)));
}
