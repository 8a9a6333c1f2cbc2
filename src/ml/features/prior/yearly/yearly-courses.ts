import { logGamma } from '../../../../math.js';
import type { YearlyHistory } from './yearly-history.js';

/**
 * One of the ways in which a customer's history may have come about, in years after that of the first purchase. The years of the first
 * and the last purchase are known, but not those of the others, nor whether a customer who is silent has left.
 */
export interface Course {
  /** Years in which they bought. */
  readonly bought: number;
  /** Years in which they were there and did not. */
  readonly missed: number;
  /** Years that they began as a customer. */
  readonly stayed: number;
  /** 1 where they left after those, else 0. */
  readonly left: 0 | 1;
  /** Purchases beyond the first one of each year. */
  readonly further: number;
  /** Years in which these could be made. */
  readonly open: number;
  /** Natural log of the number of choices of the years, times the density of the further purchases' times, in years. */
  readonly logChoices: number;
  /**
   * What is known of the present year. Without a purchase so far: the first one is `due`, or the year's purchase is `missed`. With one:
   * `told`, or these were further purchases, and the one that they make at any time of the year is `still` to come.
   */
  readonly present: 'told' | 'still' | 'missed' | 'due';
}

/** Least part of a year that counts as open, since purchases are known by the day. */
export const leastOpen = 0.01;

/** All ways in which the history may have come about; a customer leaves at the beginning of a year only. */
export function coursesOf(history: YearlyHistory): Course[] {
  const { purchases, last } = history;
  const courses: Course[] = [];
  for (let bought = Math.min(last, 1); bought <= Math.min(purchases, last); bought++) {
    courses.push(...coursesWith(history, bought));
  }
  return courses;
}

function coursesWith(history: YearlyHistory, bought: number): Course[] {
  const { purchases, last, present, passed } = history;
  const further = purchases - bought;
  const open = openYears(history, bought);
  const logYears = last > 0 ? logChoose(last - 1, bought - 1) : 0;
  const logChoices = logYears + further * Math.log(open) - logGamma(further + 1);
  const missed = last - bought;
  const known = { bought, missed, stayed: last, left: 0, further, open, logChoices, present: 'told' } as const;
  if (last === present) return last === 0 ? [known] : inPresent(known, logYears, passed);
  const courses: Course[] = [];
  for (let silent = 0; last + silent < present; silent++) {
    courses.push({ ...known, missed: missed + silent, stayed: last + silent, left: 1 });
  }
  const there = { ...known, missed: missed + present - 1 - last, stayed: present };
  courses.push({ ...there, present: 'due' });
  // Nobody can have missed a year that begins now.
  if (passed > 0) courses.push({ ...there, missed: there.missed + 1, present: 'missed' });
  return courses;
}

/** The courses of a customer who has bought in the present year: `told`, and `still` where a part of the year lies ahead. */
function inPresent(known: Course, logYears: number, passed: number): Course[] {
  const { open, further, logChoices } = known;
  const part = Math.max(passed, leastOpen);
  const told = { ...known, logChoices: logChoices + Math.log(part) };
  const more = further + 1;
  // One of them at least was in the present year.
  const logTimes = more * Math.log(open) + Math.log(-Math.expm1(more * Math.log1p(-Math.min(part / open, 1))));
  const still = {
    ...known,
    further: more,
    present: 'still',
    logChoices: logYears + logTimes - logGamma(more + 1),
  } as const;
  return part < 1 ? [told, { ...still, logChoices: still.logChoices + Math.log(1 - part) }] : [told];
}

function openYears({ last, present, firstPart, passed }: YearlyHistory, bought: number): number {
  const later = last > 0 && last === present ? bought - 1 + passed : bought;
  return Math.max(firstPart + later, leastOpen);
}

const logChoose = (n: number, k: number): number => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
