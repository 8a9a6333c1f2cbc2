import { dayMs } from '../../days.js';

/** What the clocks of a zone show at an instant, written as if it were UTC. @param timezone IANA name */
export function wallClock(timezone: string, at: Date): Date {
  const wall = clockOf(timezone);
  return wall ? new Date(wall(at.getTime())) : at;
}

/** When the clocks of a zone are put forward, from one instant to another: the local times in between do not exist. */
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

/** To the second. */
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

/** @returns null for a zone by a fixed offset, as `UTC+3`, which cron expressions take and Intl does not */
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
