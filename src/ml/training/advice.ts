import { dayOf } from '../../days.js';
import { binomialCdf } from '../../math.js';
import { leastCompared } from './comparison.js';
import type { EvaluationReport } from './evaluation.js';
import type { GiniLift, Interval } from './gini-lift.js';
import { type Grade, isLevelOff, tolerableBias } from './grade.js';
import { counted } from '../../text.js';

/** What may be wrong with a trained model, each with what to do about it. */
export const adviceCodes = [
  'DO_NOT_PROMOTE',
  'NOBODY_BOUGHT_LATELY',
  'NOTHING_TO_JUDGE_BY',
  'PRIOR_SERVES',
  'REALISED_LEVEL_OFF',
  'TOO_FEW_HELD_OUT',
  'PLAIN_RANK_IS_BETTER',
  'LEVEL_TOO_HIGH',
  'LEVEL_TOO_LOW',
  'HORIZON_NOT_LEARNT',
  'INTERVALS_TOO_NARROW',
  'INTERVALS_TOO_WIDE',
] as const;
type AdviceCode = (typeof adviceCodes)[number];

export interface Advice {
  readonly code: AdviceCode;
  /** What is wrong and what to do, for an administrator. */
  readonly message: string;
}

interface AdvisedModel {
  readonly grade: Grade;
  /** On held-out customers; null where there were none. */
  readonly validation: EvaluationReport | null;
  /** Why only the prior is served; null where the model is. */
  readonly priorOnly: string | null;
  /** Null where it is not known. */
  readonly horizons: Horizons | null;
  /** Day of the last purchase of its snapshot; null where purchases went on until the as-of date, or where it is not known. */
  readonly silentSince: string | null;
  /** How its newest forecast whose horizon is over came true; null before there is one. */
  readonly realised: RealisedLevel | null;
}

/** The level of predictions compared with what was then spent, for a sample of the base. */
export interface RealisedLevel {
  readonly asOf: Date;
  readonly horizonDays: number;
  /** Sum predicted / sum actual - 1; null where nobody bought, or more was sent back. */
  readonly bias: number | null;
  /** Null where it was not measured. */
  readonly biasInterval: Interval | null;
}

/** Days. */
export interface Horizons {
  /** The horizon of the snapshot. */
  readonly asked: number;
  /** The longest of a training window: history must have room for it, and for as much before it. */
  readonly learnt: number;
}

/** In longest learnt horizons: over longer horizons the level was never checked, and may be far off (decision 56). */
const farHorizon = 1.5;

/** A lift that is known no better than this cannot tell the grades from each other. */
const widestLift = 0.06;
/** 80 % intervals that hold so much less, or more, of the customers than they should mislead whoever relies on them. */
const tolerableCoverage = 0.1;
/** One-sided significance: how likely it may be, at most, that chance alone puts as many customers in or out as were found. */
const byChance = 0.025;
const percent = (share: number) => `${Math.round(100 * Math.abs(share))} %`;

/** What to do about a model, the gravest first; empty where nothing is wrong with it. */
export function adviceFor({ validation, ...model }: AdvisedModel): Advice[] {
  const lift = validation?.lift;
  if (!lift) return [...onServing(model, false), nothingToJudgeBy];
  return [
    ...onServing(model, isLevelAloneOff({ ...validation, lift })),
    ...onRanking({ ...validation, lift }),
    ...onLevel(validation, model.horizons),
    ...onIntervals(validation),
  ];
}

const nothingToJudgeBy: Advice = {
  code: 'NOTHING_TO_JUDGE_BY',
  message:
    'No held-out customer of the newest closed window bought anything, or there were none. Preprocess with a ' +
    'shorter horizon, or import more history.',
};

function* onServing(
  { grade, priorOnly, silentSince, realised }: Omit<AdvisedModel, 'validation'>,
  isPriorNoBetter: boolean,
): Generator<Advice> {
  if (grade === 'E' || (grade === 'D' && !isPriorNoBetter)) {
    const message =
      'Do not promote it. Look for the cause in the snapshot report (returns, outliers, dropped customers), choose ' +
      'an as-of date before an unusual period, then preprocess and fine-tune again; compare the two with startComparison.';
    yield { code: 'DO_NOT_PROMOTE', message };
  }
  if (silentSince !== null) {
    const message =
      `Nobody had bought since ${silentSince} when its snapshot was made, though somebody had all along in the windows it learnt ` +
      'and was graded on: far too much may be expected, whatever its grade. Import what was bought since, or the customers who ' +
      'did not stop, too; else preprocess as of an earlier date.';
    yield { code: 'NOBODY_BOUGHT_LATELY', message };
  }
  if (priorOnly !== null) {
    const message =
      `The buy-till-you-die prior answers alone (${priorOnly}): training had too little to learn from or did not beat it. ` +
      'Import older orders, product names and behaviour events, or wait until more customers have come back.';
    yield { code: 'PRIOR_SERVES', message };
  }
  const bias = certainBias(realised);
  if (realised && Math.abs(bias) > tolerableBias) {
    const message =
      `What it predicted as of ${dayOf(realised.asOf)} for ${counted(realised.horizonDays, 'day')} turned out ` +
      `${percent(bias)} too ${bias > 0 ? 'high' : 'low'} in sum. Do not budget with its sums: retrain it ` +
      '(startRetrain), and let scheduleRetrain do so in future.';
    yield { code: 'REALISED_LEVEL_OFF', message };
  }
}

/** Whether it ranks no worse for certain, and its level is off by no more than that of the prior, which would answer in its place. */
function isLevelAloneOff(validation: EvaluationReport & { readonly lift: GiniLift }): boolean {
  const distance = ({ bias }: { readonly bias: number | null }) => Math.abs(Math.log1p(bias ?? Number.NaN));
  const { lift, model, prior } = validation;
  return isLevelOff(validation) && lift.upper >= 0 && distance(model) <= distance(prior);
}

function* onRanking({ lift, customers }: EvaluationReport & { readonly lift: GiniLift }): Generator<Advice> {
  const isLiftUnclear = lift.lower <= 0 && lift.upper >= 0 && lift.upper - lift.lower > widestLift;
  if (customers < leastCompared || isLiftUnclear) {
    const found =
      customers < leastCompared
        ? `There are fewer than ${leastCompared} held-out customers (${customers}), which say next to nothing: `
        : `${customers} held-out customers show the lift only to within ±${((lift.upper - lift.lower) / 2).toFixed(2)} Gini: `;
    const message =
      `${found}the grade may change with the next training. Judge by realised metrics (drift reports), too, and by ` +
      'startEvaluation of a model whose snapshot ends a horizon ago.';
    yield { code: 'TOO_FEW_HELD_OUT', message };
  }
  if (lift.reference !== 'prior' && lift.upper < 0) {
    const message =
      `Ranking customers by ${lift.reference} alone does better. More training rows (maxTrainingRows) or epochs may help; ` +
      'a snapshot whose windows lie in an unusual season misleads the model.';
    yield { code: 'PLAIN_RANK_IS_BETTER', message };
  }
}

function* onLevel(validation: EvaluationReport, horizons: Horizons | null): Generator<Advice> {
  const off = isLevelOff(validation) ? (validation.model.bias ?? 0) : 0;
  const remedy =
    'The ranking can be used; sums and budgets cannot. Retrain once the newest closed window resembles the time ahead, ' +
    'or with a shorter horizon.';
  if (off > 0) yield { code: 'LEVEL_TOO_HIGH', message: `Predictions are ${percent(off)} too high in sum. ${remedy}` };
  if (off < 0) yield { code: 'LEVEL_TOO_LOW', message: `Predictions are ${percent(off)} too low in sum. ${remedy}` };
  if (horizons && horizons.asked > farHorizon * horizons.learnt) {
    const { asked, learnt } = horizons;
    const message =
      `It learnt horizons of up to ${learnt} days and was asked for ${asked}: that far ahead its level is extrapolated, ` +
      `and its grade says nothing about it. Use its ranking; for sums and budgets ask for ${learnt} days, until history is longer.`;
    yield { code: 'HORIZON_NOT_LEARNT', message };
  }
}

function* onIntervals({ model, customers }: EvaluationReport): Generator<Advice> {
  const coverage = model.coverage80 ?? 0.8;
  const inside = Math.round(coverage * customers);
  const expected = model.expectedCoverage80 ?? 0.8;
  const [least, most] = [expected - tolerableCoverage, expected + tolerableCoverage];
  const found = `${percent(coverage)} of the customers lie inside their 80 % interval, where ${percent(expected)} should`;
  if (coverage < least && binomialCdf(inside, customers, least) < byChance) {
    const message = `${found}: take the 95 % interval where it matters, and the objective ZILN, which learns the spread.`;
    yield { code: 'INTERVALS_TOO_NARROW', message };
  }
  if (coverage > most && binomialCdf(customers - inside, customers, 1 - most) < byChance) {
    yield { code: 'INTERVALS_TOO_WIDE', message: `${found}: the intervals are wider than necessary, not wrong.` };
  }
}

/** The bias; 0 where it may be chance or is not known. Without an interval, the bias counts as certain. */
export function certainBias(realised: RealisedLevel | null): number {
  const bias = realised?.bias ?? 0;
  const interval = realised?.biasInterval;
  const isByChance = interval ? interval.lower <= 0 && interval.upper >= 0 : false;
  return isByChance ? 0 : bias;
}
