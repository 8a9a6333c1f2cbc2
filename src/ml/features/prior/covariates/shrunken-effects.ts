import { sum } from '../../../../math.js';
import { bisect } from '../fitting/bisect.js';

/** Derivative of a group's log-likelihood by its effect. */
export type Score = (effect: number) => number;

/** Effects lie within: a factor of 8 either way. */
const largest = Math.log(8);
const halvings = 24;
/** Step of the differences that give the curvature of the likelihood at 0. */
const step = 0.05;
/** Standard deviations by which the groups' spread must exceed chance; else they are taken for alike. */
const beyondChance = 3;

/**
 * Effects of groups as random effects: normal with mean 0 and a variance that is estimated from the spread of the groups' own estimates
 * beyond their standard errors (DerSimonian & Laird 1986). Effects of small groups are shrunk towards 0; all are 0 where the spread may be
 * chance.
 */
export function shrunkenEffects(scores: readonly Score[]): number[] {
  const variance = varianceOf(scores);
  return scores.map((score) => (variance > 0 ? modeOf(score, variance) : 0));
}

function varianceOf(scores: readonly Score[]): number {
  const groups = scores.flatMap((score) => {
    const [below, above] = [score(-step), score(step)];
    const information = (below - above) / (2 * step);
    return information > 0 ? [{ information, estimate: (below + above) / 2 / information }] : [];
  });
  if (groups.length < 2) return 0;
  const weight = sum(groups.map(({ information }) => information));
  const mean = sum(groups.map(({ information, estimate }) => information * estimate)) / weight;
  const spread = sum(groups.map(({ information, estimate }) => information * (estimate - mean) ** 2));
  const byChance = groups.length - 1;
  if (spread < byChance + beyondChance * Math.sqrt(2 * byChance)) return 0;
  return (spread - byChance) / (weight - sum(groups.map(({ information }) => information ** 2)) / weight);
}

/** The posterior mode: where the derivative of log-likelihood plus log-density is 0. */
function modeOf(score: Score, variance: number): number {
  const [low, high] = bisect(-largest, largest, halvings, (effect) => score(effect) > effect / variance);
  return (low + high) / 2;
}
