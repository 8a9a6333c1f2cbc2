import type { EvaluationReport } from './evaluation.js';

export type Grade = 'A' | 'B' | 'C' | 'D' | 'E';

export const gradeMeanings: Record<Grade, string> = {
  A: 'Ranks customers clearly better than the prior and the best plain ranking, at the right level.',
  B: 'Ranks customers better than the prior and the best plain ranking.',
  C: 'As good as the better of the prior and the best plain ranking: more history or events may help.',
  D: 'Worse than the better of the two: keep the active model, look at the snapshot report for what is missing.',
  E: 'Much worse, or nothing to judge by: do not promote it; check the data and the as-of date.',
};

/** Least lift in normalised Gini over the better of prior and naive rank, for each grade. */
const leastLift: readonly [Grade, number][] = [
  ['A', 0.01],
  ['B', 0.002],
  ['C', -0.005],
  ['D', -0.03],
];
/** A level that is off by more than this costs one grade. */
const tolerableBias = 0.3;

/** Grade of a model from its evaluation on held-out customers of its newest closed window. */
export function gradeOf({ model, prior, naiveRank }: EvaluationReport): Grade {
  if (model.normalizedGini === null) return 'E';
  const reference = Math.max(prior.normalizedGini ?? -1, naiveRank.normalizedGini ?? -1);
  const lift = model.normalizedGini - reference;
  const grade = leastLift.find(([, least]) => lift >= least)?.[0] ?? 'E';
  return Math.abs(model.bias ?? 1) > tolerableBias ? oneWorse(grade) : grade;
}

function oneWorse(grade: Grade): Grade {
  const grades: Grade[] = ['A', 'B', 'C', 'D', 'E'];
  return grades[Math.min(grades.indexOf(grade) + 1, grades.length - 1)]!;
}
