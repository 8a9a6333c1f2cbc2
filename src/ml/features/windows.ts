import { dayMs, dayNumber, daysInMonth, monthsInYear, wholeYearDays } from '../../days.js';
import type { TrainingWindow } from './feature-row.js';
import { shortestLearntDays } from './horizon-limits.js';

interface WindowRequest {
  /** First day of the history. */
  readonly firstDay: Date;
  readonly asOf: Date;
  /** Longest horizon that is wanted. */
  readonly horizonDays: number;
  /** Whether windows are to begin on the day of the month of `asOf`, so that as many billing days lie in them; see `readBillingDays`. */
  readonly byMonth?: boolean;
}

/**
 * Number of older windows at the longest horizon, a third of it apart: with horizons of half a year and more, they and the newest one
 * cover the seasons of a year.
 */
const olderWindows = 3;

/**
 * Cuts history into (as-of, horizon) windows whose labels all end at or before `asOf`; window as-of dates are UTC
 * midnights.
 *
 * The longest horizon h is the wanted one or half the history, whichever is shorter. Windows: h, 2/3 h and 1/3 h ending
 * at `asOf`, so that the newest behaviour is learnt; 1/3 h starting together with 2/3 h, so that the effect of the
 * horizon can be told from that of the date; up to three older ones of h, as long as a sixth of the history lies before
 * them; where these do not go back a year, but history goes back two, the one of a year ago, which saw the coming season. The
 * one at `asOf - h` is the validation window. Windows by months begin up to a month earlier, the older ones at least a month apart.
 *
 * @returns oldest first; empty where there are not even two weeks of history
 */
export function chooseWindows({ firstDay, asOf, horizonDays, byMonth = false }: WindowRequest): TrainingWindow[] {
  const first = dayNumber(firstDay);
  const end = dayNumber(asOf);
  const history = end - first;
  const longest = Math.min(horizonDays, Math.floor(history / 2));
  if (longest < shortestLearntDays) return [];
  const third = Math.max(1, Math.floor(longest / 3));

  const step = byMonth ? Math.max(third, wholeYearDays / monthsInYear) : third;
  const starts = Array.from({ length: olderWindows + 1 }, (_, i) =>
    Math.floor(end - longest - (olderWindows - i) * step),
  );
  const oldest = starts[0]!;
  const cuts = starts.filter((start) => start - first >= history / 6).map((start) => ({ start, horizon: longest }));
  // A window within half a step is of the same season.
  if (end - wholeYearDays < oldest - step / 2 && history >= 2 * wholeYearDays) {
    cuts.unshift({ start: end - wholeYearDays, horizon: longest });
  }
  if (third >= shortestLearntDays) {
    cuts.push(
      { start: end - 2 * third, horizon: 2 * third },
      { start: end - 2 * third, horizon: third },
      { start: end - third, horizon: third },
    );
  }
  const windows = cuts.map(({ start, horizon }) => ({
    asOf: new Date((byMonth ? sameDayOfMonth(start, asOf) : start) * dayMs).toISOString(),
    horizonDays: horizon,
    validation: start === end - longest,
  }));
  // By months two may have become one.
  return windows.filter(({ asOf: begin, horizonDays: days }, i) => {
    const next = windows[i + 1];
    return next?.asOf !== begin || next.horizonDays !== days;
  });
}

/** The last day up to this one on the day of the month of `asOf`, or at the end of its month where that is shorter. */
function sameDayOfMonth(day: number, asOf: Date): number {
  const date = new Date(day * dayMs);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  const begins = [month, month - 1].map((of) =>
    dayNumber(new Date(Date.UTC(year, of, Math.min(asOf.getUTCDate(), daysInMonth(year, of))))),
  );
  return begins.find((begin) => begin <= day)!;
}
