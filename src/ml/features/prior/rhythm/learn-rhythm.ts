import { sum } from '../../../../math.js';
import { rowOf, type RfmColumns } from '../rfm-summary.js';
import { gapShapes, likelihoodsOfShapes, posterior, tellsRhythm } from './gap-shapes.js';
import type { Rhythm } from './rhythm.js';

/** Fewer customers who tell a rhythm are no rule. */
const fewestCustomers = 100;
/** More of them would change no part by a per cent. */
const mostCustomers = 5_000;
/** From this shape on gaps are regular: their standard deviation is 0.35 of their mean. */
const leastShape = 8;
/** Part of those who tell a rhythm that must be regular. Where nobody is, 0.0005 at most seem to be. */
const leastRegular = 0.1;
/** Of expectation-maximisation; more change no part by 0.001. */
const steps = 300;

/** @returns how common each shape of gaps is; undefined where too few customers tell */
export function learnRhythm(columns: RfmColumns): Rhythm | undefined {
  const telling = Array.from(columns.age.keys(), (row) => rowOf(columns, row)).filter(tellsRhythm);
  if (telling.length < fewestCustomers) return undefined;
  const stride = Math.ceil(telling.length / mostCustomers);
  const likelihoods = telling.filter((_, i) => i % stride === 0).map(likelihoodsOfShapes);
  let rhythm: Rhythm = gapShapes.map(() => 1 / gapShapes.length);
  for (let step = 0; step < steps; step++) {
    const next = new Float64Array(gapShapes.length);
    for (const likelihood of likelihoods) posterior(rhythm, likelihood).forEach((part, i) => (next[i]! += part));
    rhythm = Array.from(next, (customers) => customers / likelihoods.length);
  }
  return rhythm;
}

/** Whether enough customers buy at regular intervals. */
export function buysRegularly(columns: RfmColumns): boolean {
  const rhythm = learnRhythm(columns);
  return rhythm !== undefined && regularShare(rhythm) >= leastRegular;
}

/** What part of those who tell a rhythm are regular. */
export const regularShare = (rhythm: Rhythm): number => sum(rhythm.filter((_, i) => gapShapes[i]! >= leastShape));
