import { dayMs } from '../../days.js';

/** Local time of a zone at an instant, as if it were UTC. @param timezone IANA name */
export function wallClock(timezone: string, at: Date): Date {
  const wall = clockOf(timezone);
  return wall ? new Date(wall(at.getTime())) : at;
}

/** Instants between `from` and `until` at which the clocks of a zone are put forward, so that some local times do not exist. */
export function clockJumps(timezone: string, from: Date, until: Date): Date[] {
  const wall = clockOf(timezone);
  if (!wall) return [];
  const offset = (at: number) => wall(at) - at;
  const jumps: Date[] = [];
  const start = Math.floor(from.getTime() / 1_000) * 1_000;
  for (let day = start; day < until.getTime(); day += dayMs) {
    if (offset(day + dayMs) > offset(day)) jumps.push(new Date(changeBetween(offset, day, day + dayMs)));
  }
  return jumps;
}

/** The instant of the change, to the second. */
function changeBetween(offset: (at: number) => number, from: number, until: number): number {
  const before = offset(from);
  let [low, high] = [from, until];
  while (high - low > 1_000) {
    const middle = Math.floor((low + high) / 2_000) * 1_000;
    if (offset(middle) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** @returns null for a zone of fixed offset such as `UTC+3`, which cron expressions allow and Intl does not */
function clockOf(timezone: string): ((at: number) => number) | null {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return null;
  }
  return (at) => {
    const parts = format.formatToParts(at);
    const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((each) => each.type === type)!.value);
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  };
}
