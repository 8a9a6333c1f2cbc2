import { mean } from '../../../src/math.js';
import type { ProgressReporter } from '../../../src/progress.js';
import { Random } from '../../../src/random.js';
import { amountsIn, type Explained, rankCorrelation } from './explained.js';
import { type Game, type Games, joinSmallest } from './game.js';
import {
  type Estimate,
  estimate,
  everyone,
  infidelity,
  median,
  randomRemoval,
  type RemovalSample,
  shapleyValues,
} from './metrics.js';

/** Captum's default. */
const removalsEach = 10;
const mostShapleyPlayers = 10;

export interface InfidelityResult {
  /** In currency. */
  readonly rootMeanSquare: number;
  /** Median: a customer whom nothing moves makes a ratio of noise. */
  readonly relative: Estimate;
  /** Relative, of the same amounts given to the groups in a random order. */
  readonly shuffled: Estimate;
}

export interface ShapleyResult {
  readonly customers: number;
  readonly spearman: Estimate;
  readonly each: readonly number[];
  /** (exact, attributed) for every player of every customer, in currency. */
  readonly pairs: readonly (readonly [number, number])[];
}

/** Infidelity under random removals of groups. */
export async function infidelityTest(
  id: string,
  games: Games,
  explained: readonly Explained[],
  progress: ProgressReporter,
): Promise<InfidelityResult> {
  const removals = new Map(
    explained.map(({ game }) => {
      const random = new Random(`${id}/removals/${game.row.customerId}`);
      return [game, Array.from({ length: removalsEach }, () => randomRemoval(game.players.length, random))];
    }),
  );
  const whole = ({ players }: Game) => everyone(players.length);
  await games.evaluate(
    explained.map(({ game }) => game),
    (game) => [whole(game), ...removals.get(game)!.map((removed) => whole(game) & ~removed)],
    progress,
  );
  const samples = (game: Game, amounts: readonly number[]): RemovalSample[] =>
    removals.get(game)!.map((removed) => ({
      attributed: amounts.reduce((sum, amount, player) => (removed & (1 << player) ? sum + amount : sum), 0),
      drop: game.values.get(whole(game))! - game.values.get(whole(game) & ~removed)!,
    }));
  const own = explained.map((each) => infidelity(samples(each.game, amountsIn(each))));
  const mixedUp = explained.map((each) =>
    infidelity(samples(each.game, new Random(`${id}/mixed up/${each.game.row.customerId}`).shuffle(amountsIn(each)))),
  );
  const relative = (all: typeof own) =>
    estimate(
      all.map((each) => each.relative),
      `${id}/infidelity`,
      median,
    );
  return {
    rootMeanSquare: Math.sqrt(mean(own.map(({ value }) => value))),
    relative: relative(own),
    shuffled: relative(mixedUp),
  };
}

/** Agreement with Shapley values of the served prediction by brute force. */
export async function shapleyTest(
  id: string,
  games: Games,
  explained: readonly Explained[],
  progress: ProgressReporter,
): Promise<ShapleyResult> {
  const joined = explained.map((each) => ({
    ...each,
    game: joinSmallest(each.game, each.amounts, mostShapleyPlayers),
  }));
  const every = ({ players }: Game) => Array.from({ length: 1 << players.length }, (_, coalition) => coalition);
  await games.evaluate(
    joined.map(({ game }) => game),
    every,
    progress,
  );
  const pairs = joined.map((each): [number, number][] => {
    const exact = shapleyValues(each.game.players.length, (coalition) => each.game.values.get(coalition)!);
    return amountsIn(each).map((amount, player) => [exact[player]!, amount]);
  });
  const each = pairs.flatMap((players) => rankCorrelation(players) ?? []);
  return { customers: each.length, spearman: estimate(each, `${id}/shapley`), each, pairs: pairs.flat() };
}
