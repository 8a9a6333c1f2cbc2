import { watchOthers } from '../quiet.js';
import { type Spread, spreadOf } from '../results.js';

/** By the clock on the wall, or by the processor time that the process took, which others on the machine hardly change. */
export type Clock = 'wall' | 'processor';

export type Seconds = Readonly<Record<Clock, number>>;

/** One side of a comparison: does a piece of work and answers with how many units of it a second. */
type Side = () => Promise<number>;

/** Rates of both sides, in units of work a second. */
export interface Compared {
  readonly ours: Spread;
  readonly theirs: Spread;
  /** Ours over theirs, round by round. */
  readonly ratio: Spread;
  /** Largest share of the cores that other processes had in a round. */
  readonly othersShare: number;
}

interface RoundOptions {
  readonly rounds: number;
  /** That the sides count by; the wall's unless set. */
  readonly clock?: Clock;
  /** Children that go on running. */
  readonly pids: readonly number[];
}

export const roundsOf = (isQuick: boolean): number => (isQuick ? 3 : 5);

/** A round in which others have more of the cores than this is done again. */
const QUIET = 0.04;
/** So many times as many rounds are tried; then the quietest ones count. */
const PATIENCE = 2;
/** After so many seconds no round is done again. */
const LONGEST = 60;

interface Round {
  readonly ours: number;
  readonly theirs: number;
  readonly others: number;
}

/** Both sides by turns after a round of warm-up each, and who begins changes every round. */
export async function compare(ours: Side, theirs: Side, options: RoundOptions): Promise<Compared> {
  const { rounds, clock } = options;
  const quietest = clock === 'processor' ? 1 : QUIET;
  await ours();
  await theirs();
  const measured: Round[] = [];
  const quiet = (): Round[] => measured.filter(({ others }) => others <= quietest);
  const started = performance.now();
  const hasTime = (): boolean => performance.now() - started < 1_000 * LONGEST;
  while (quiet().length < rounds && measured.length < (hasTime() ? PATIENCE * rounds : rounds)) {
    measured.push(await oneRound(ours, theirs, measured.length % 2 === 0, options));
  }
  const chosen = measured.toSorted((a, b) => a.others - b.others).slice(0, rounds);
  return {
    ours: spreadOf(chosen.map(({ ours }) => ours)),
    theirs: spreadOf(chosen.map(({ theirs }) => theirs)),
    ratio: spreadOf(chosen.map((round) => round.ours / round.theirs)),
    othersShare: Math.max(...chosen.map(({ others }) => others)),
  };
}

async function oneRound(ours: Side, theirs: Side, weBegin: boolean, { pids }: RoundOptions): Promise<Round> {
  const rates: number[] = [];
  let others = 0;
  for (const side of weBegin ? [ours, theirs] : [theirs, ours]) {
    const share = watchOthers(pids);
    rates.push(await side());
    others = Math.max(others, share());
  }
  const [first, second] = rates as [number, number];
  return weBegin ? { ours: first, theirs: second, others } : { ours: second, theirs: first, others };
}

/** What the work, in this process, gives and takes. */
export async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: Seconds }> {
  const [started, before] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: { wall: (performance.now() - started) / 1_000, processor: (user + system) / 1e6 } };
}

/** Seconds that the work takes. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  return (await timed(work)).seconds.wall;
}
