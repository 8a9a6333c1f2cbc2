import type { EvaluationReport } from './evaluation.js';

export type Grade = 'A' | 'B' | 'C' | 'D' | 'E';

export const gradeMeanings: Record<Grade, string> = {
  A: 'Ranks customers clearly better than the prior and the best plain ranking, beyond chance, at a level that is not more than 30 % off beyond chance.',
  B: 'Ranks customers better than the prior and the best plain ranking, beyond chance.',
  C: 'As good as the better of the prior and the best plain ranking, or too few held-out customers to tell them apart.',
  D: 'Worse than the better of the prior and the best plain ranking, or no better at a level that is more than 30 % off, beyond chance: see the advice before you promote it.',
  E: 'Much worse than the better of the prior and the best plain ranking, or nothing to judge by: do not promote it.',
};

/** Least lift in normalised Gini over the better of prior and naive rank, for each grade. */
const leastLift: readonly [Grade, number][] = [
  ['A', 0.01],
  ['B', 0.002],
  ['C', -0.005],
  ['D', -0.03],
];
/** A level that is off by more than this costs one grade. */
export const tolerableBias = 0.3;

/**
 * Grade of a model from its evaluation on held-out customers of its newest closed window. With few held-out customers the lift is
 * uncertain: if its 95 % interval holds 0, it counts as 0, i.e. grade C. A bias whose interval holds 0 costs no grade.
 */
export function gradeOf(report: Pick<EvaluationReport, 'model' | 'lift' | 'biasInterval'>): Grade {
  const { lift } = report;
  if (!lift) return 'E';
  const told = lift.lower > 0 || lift.upper < 0 ? lift.difference : 0;
  const grade = leastLift.find(([, least]) => told >= least)?.[0] ?? 'E';
  return isLevelOff(report) ? oneWorse(grade) : grade;
}

/** Whether the predictions' sum is off by more than is tolerable, and certainly off. */
export function isLevelOff({ model, biasInterval }: Pick<EvaluationReport, 'model' | 'biasInterval'>): boolean {
  if (model.bias === null || !biasInterval) return true;
  return Math.abs(model.bias) > tolerableBias && (biasInterval.lower > 0 || biasInterval.upper < 0);
}

function oneWorse(grade: Grade): Grade {
  const grades: Grade[] = ['A', 'B', 'C', 'D', 'E'];
  return grades[Math.min(grades.indexOf(grade) + 1, grades.length - 1)]!;
}
